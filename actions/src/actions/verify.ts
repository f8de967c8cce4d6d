import { runCommand, type Report } from 'waybill'
import { annotateFindings, info } from '../log.ts'
import { findingsMarkdown, sectionsMarkdown } from '../markdown.ts'
import type { Work } from '../session.ts'
import { optionWords } from '../words.ts'

interface Checked {
  readonly platform: string
  readonly path: string
  readonly image: string
  readonly released: string
}

export const work: Work<'verify'> = async (inputs, context) => {
  const { image, 'working-directory': _, ...options } = inputs
  const words = [...optionWords(options), '--', image]
  const { json, text } = await runCommand('verify', words, context)
  info(text)
  const { ok, checked, findings } = json as Report<Checked>
  annotateFindings(findings)
  const rows = checked.map((one) => [one.platform, one.path, one.image, one.released])
  const head = ['platform', 'path', 'in the image', 'released']
  return {
    outputs: { ok: String(ok), checked: JSON.stringify(checked) },
    summary: `${sectionsMarkdown([{ title: 'Proof of identity', head, rows }])}\n${findingsMarkdown(findings)}`,
    failed: ok ? undefined : 'The image does not hold the released bytes; do not publish it.',
  }
}
