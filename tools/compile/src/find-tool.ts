import { stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { WaybillError, findOutside, foldersOutside, isProgram } from '@waybill/core'
import type { Tools } from './toolchain.ts'

type Where = Pick<Tools, 'cwd' | 'env' | 'avoid'>

/** The folders that hold programs for `cwd`: `node_modules/.bin` of it and of every folder above, then PATH. */
export function toolFolders({ cwd, env }: Pick<Tools, 'cwd' | 'env'>): readonly string[] {
  const above: string[] = []
  for (let folder = cwd; ; folder = dirname(folder)) {
    above.push(join(folder, 'node_modules/.bin'))
    if (folder === dirname(folder)) break
  }
  return [...above, ...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')]
}

/**
 * Finds a program.
 * @throws {ERR_TOOL_MISSING} with the way to install it.
 */
export async function findTool(name: string, tools: Where, install: string): Promise<string> {
  const found = await lookFor(name, tools)
  if (found !== undefined) return found
  const inside =
    tools.avoid === undefined ? undefined : await lookFor(name, { ...tools, avoid: undefined })
  if (inside !== undefined) throw onlyInside(name, inside)
  throw new WaybillError('ERR_TOOL_MISSING', `The program "${name}" was not found`, {
    hint: `Install it: ${install}`,
    details: { name, install },
  })
}

function onlyInside(name: string, inside: string): WaybillError {
  return new WaybillError(
    'ERR_TOOL_MISSING',
    `The program "${name}" is only in the repository (${inside}), and was not run`,
    { hint: 'Run `waybill check --tools` if you trust this commit.', details: { name, inside } },
  )
}

/** Finds a program, or undefined. */
export async function lookFor(name: string, tools: Where): Promise<string | undefined> {
  const { avoid, env } = tools
  if (avoid !== undefined) return findOutside(name, avoid, await foldersOutside(avoid, env))
  for (const folder of toolFolders(tools)) {
    const file = join(folder, name)
    // Not what a link points at: rustup's and busybox's programs tell by their name what they are.
    if (await isProgram(file)) return file
  }
  return undefined
}

/** Checks a tool against the pinned version. @throws {ERR_TOOL_VERSION} */
export function checkToolVersion(name: string, found: string, wanted: string | undefined): void {
  if (wanted === undefined || found === wanted) return
  throw new WaybillError(
    'ERR_TOOL_VERSION',
    `${name}: expected version ${wanted}, found ${found}`,
    {
      hint: `Install ${name} ${wanted}, or change the pin.`,
      details: { name, expected: wanted, found },
    },
  )
}

/** Names a file as it is now: another installation in the same place has another name (npm gives every file the same time, so inode and change time count). */
export async function fileIdentity(file: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(file)
  return [file, ino, size, mtimeMs, ctimeMs].join(' ')
}
