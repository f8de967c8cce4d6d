import { rehearse as rehearseRelease, type Rehearsal, type RehearseOptions } from '@waybill/release'
import { writeResults } from './present/write-results.ts'

/** Rehearses a release, and writes its receipt and its report into the state folder. @throws what each step of a release throws */
export async function rehearse(options: RehearseOptions = {}): Promise<Rehearsal> {
  const rehearsal = await rehearseRelease(options)
  await writeResults(rehearsal.state, rehearsal)
  return rehearsal
}
