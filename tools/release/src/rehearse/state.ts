import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, asFileError, parseJson, writeFileAtomic } from '@waybill/core'

/** Everything a rehearsal keeps, by its place in the state folder. Nothing else in the folder is ever touched. */
export interface RehearsalState {
  readonly folder: string
  readonly dist: string
  readonly journal: string
  readonly git: string
  readonly forge: string
  readonly lock: string
  readonly receipt: string
  readonly report: string
  readonly ports: string
  registry(name: string): string
}

/** Names the places of a state folder. */
export function rehearsalState(folder: string): RehearsalState {
  const at = (name: string): string => join(folder, name)
  return {
    folder,
    dist: at('dist'),
    journal: at('journal'),
    git: at('git'),
    forge: at('forge'),
    lock: at('waybill.lock'),
    receipt: at('receipt.json'),
    report: at('report.html'),
    ports: at('ports.json'),
    registry: (name) => at(join('registries', name)),
  }
}

/** Makes the state folder. @throws {ERR_NOT_WRITABLE} {ERR_DISK_FULL} */
export async function openState(
  state: RehearsalState,
  options: { readonly reset: boolean },
): Promise<void> {
  try {
    if (options.reset) await resetState(state)
    await makeFolder(state.folder)
  } catch (error) {
    throw asFileError(error, state.folder)
  }
}

async function resetState(state: RehearsalState): Promise<void> {
  const made = [
    state.dist,
    state.journal,
    state.git,
    state.forge,
    state.lock,
    state.receipt,
    state.report,
    state.ports,
    join(state.folder, 'registries'),
  ]
  for (const path of made) await rm(path, { recursive: true, force: true })
}

/** The port each server had the last time, so that its address stays the same. */
export async function readPorts(state: RehearsalState): Promise<Readonly<Record<string, number>>> {
  const text = await readFile(state.ports, 'utf8').catch(() => '{}')
  return parseJson(text, state.ports) as Record<string, number>
}

/** Remembers the ports; a file that says the same is left untouched. */
export async function writePorts(
  state: RehearsalState,
  ports: Readonly<Record<string, number>>,
): Promise<void> {
  const text = `${JSON.stringify(ports)}\n`
  const before = await readFile(state.ports, 'utf8').catch(() => undefined)
  if (before !== text) await writeFileAtomic(state.ports, text)
}
