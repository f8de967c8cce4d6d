import { info } from '@actions/core'
import { annotateDecisions, dueResult, readDue, reasonsOf } from '../due.ts'
import type { Work } from '../session.ts'

export const work: Work<'gate'> = async (inputs, context) => {
  const due = await readDue(inputs, context)
  info(reasonsOf(due.decisions))
  annotateDecisions(due.decisions)
  return dueResult(due)
}
