import { join, relative } from 'node:path'
import { runCommand, type Receipt } from 'waybill'
import { annotateFindings, info } from '../log.ts'
import { findingsMarkdown, sectionsMarkdown } from '../markdown.ts'
import type { Result, Work } from '../session.ts'
import { optionWords } from '../words.ts'

export const work: Work<'publish'> = async (inputs, context) => {
  const { image, out: _out, 'working-directory': _folder, ...options } = inputs
  const file = join(context.out, 'receipt.json')
  const words = [...optionWords({ ...options, receipt: file, yes: true }), '--', image]
  const { json, text } = await runCommand('publish', words, context)
  info(text)
  if (inputs['dry-run']) return planned(json as Planned)
  const receipt = json as Receipt
  annotateFindings(receipt.findings)
  const unchanged = receipt.results.every(({ outcome }) => outcome === 'unchanged')
  const rows = receipt.results.map((one) => [
    one.destination,
    one.name,
    one.kind,
    one.digest,
    one.outcome,
  ])
  const head = ['destination', 'name', 'kind', 'digest', 'outcome']
  return {
    outputs: {
      outcome: unchanged ? 'unchanged' : 'released',
      digest: receipt.subject,
      plan: receipt.plan,
      receipt: relative(process.env['GITHUB_WORKSPACE'] ?? '.', file),
    },
    summary: `${sectionsMarkdown([{ title: 'Names', head, rows }])}\n${findingsMarkdown(receipt.findings)}`,
  }
}

interface Planned {
  readonly subject: { readonly digest: string }
  readonly digest: string
}

const planned = ({ subject, digest }: Planned): Result<'publish'> => ({
  outputs: { outcome: 'planned', digest: subject.digest, plan: digest },
})
