import { annotateDecisions, dueResult, readDue, reasonsOf } from '../due.ts'
import { info } from '../log.ts'
import type { Work } from '../session.ts'

export const work: Work<'gate'> = async (inputs, context) => {
  const due = await readDue(inputs, context)
  info(reasonsOf(due.decisions))
  annotateDecisions(due.decisions)
  return dueResult(due)
}
