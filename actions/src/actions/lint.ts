import { lintTitle } from 'waybill'
import { annotateFindings, info } from '../log.ts'
import { escape, findingsMarkdown } from '../markdown.ts'
import type { Work } from '../session.ts'

export const work: Work<'lint'> = async ({ title, body }) => {
  const { ok, checked, findings } = lintTitle(title, body)
  const bump = checked[0]?.bump ?? 'none'
  info(`${title}\n  ${bump === 'none' ? 'releases nothing by itself' : `a ${bump} bump`}`)
  annotateFindings(findings)
  return {
    outputs: { ok: String(ok), bump, findings: JSON.stringify(findings) },
    summary: `## ${escape(title)}\n\nBump: ${bump}\n\n${findingsMarkdown(findings)}`,
    failed: ok ? undefined : 'Change the title or description as the errors above say.',
  }
}
