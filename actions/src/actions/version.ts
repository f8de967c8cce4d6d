import { runCommand } from 'waybill'
import type { applyVersions } from 'waybill'
import { annotateDecisions, blocked, readDue } from '../due.ts'
import { annotateFindings, info } from '../log.ts'
import { findingsMarkdown, sectionsMarkdown } from '../markdown.ts'
import type { Work } from '../session.ts'
import { optionWords } from '../words.ts'

type Plan = Parameters<typeof applyVersions>[0]

export const work: Work<'version'> = async (inputs, context) => {
  const { apply, component, config, 'allow-code': allowCode } = inputs
  const shown = await runCommand(
    'version',
    optionWords({ apply, component, config, 'allow-code': allowCode }),
    context,
  )
  info(shown.text)
  const { releases, files, findings } = shown.json as Partial<Plan>
  if (releases === undefined || files === undefined) {
    const { decisions } = await readDue(inputs, context)
    annotateDecisions(decisions)
    return { outputs: { release: 'false', releases: '[]' }, failed: blocked(decisions) }
  }
  annotateFindings(findings ?? [])
  const rows = releases.map(({ component: name, from, to, bump }) => [
    name,
    from ?? 'new',
    to,
    bump,
  ])
  return {
    outputs: {
      release: String(releases.length > 0),
      releases: JSON.stringify(releases),
      files: files.map(({ path }) => path).join('\n'),
    },
    summary: `${sectionsMarkdown([{ title: 'Versions', head: ['component', 'from', 'to', 'bump'], rows }])}\n${findingsMarkdown(findings ?? [])}`,
    failed: shown.exitCode === 1 ? 'Mend the errors above; no file was edited.' : undefined,
  }
}
