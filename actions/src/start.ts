import type { ActionName } from './interface.ts'
import type { Work } from './session.ts'

/** Starts an action: says its name at once, and only then loads what it needs. */
export async function start<Name extends ActionName>(
  name: Name,
  load: () => Promise<{ readonly work: Work<Name> }>,
): Promise<void> {
  process.stdout.write(`waybill ${name}\n`)
  const [{ runAction }, { work }] = await Promise.all([import('./session.ts'), load()])
  await runAction(name, work)
}
