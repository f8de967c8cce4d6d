import { runCommand, type ReportSection } from 'waybill'
import { annotateDecisions, dueResult, readDue } from '../due.ts'
import { info } from '../log.ts'
import { sectionsMarkdown } from '../markdown.ts'
import type { Work } from '../session.ts'
import { optionWords } from '../words.ts'

export const work: Work<'plan'> = async (inputs, context) => {
  const { component, config, 'allow-code': allowCode } = inputs
  const { text } = await runCommand(
    'plan',
    optionWords({ component, config, 'allow-code': allowCode }),
    context,
  )
  info(text)
  const due = await readDue(inputs, context)
  annotateDecisions(due.decisions)
  const result = dueResult(due)
  const builds: ReportSection = {
    title: 'Builds',
    head: ['cell', 'toolchain', 'platform', ''],
    rows: due.plan.matrix.map(({ id, toolchain, platform, required }) => [
      id,
      toolchain,
      platform,
      required ? 'required' : 'optional',
    ]),
  }
  return { ...result, summary: `${result.summary}\n${sectionsMarkdown([builds])}` }
}
