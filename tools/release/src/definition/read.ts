import { existsSync, lstatSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  WaybillError,
  createContext,
  findRoot,
  insideRepository,
  isWaybillError,
  messageOf,
  readFileUpTo,
  readFileWhole,
  type ContextOptions,
} from '@waybill/core'
import { parseDefinition, validateDefinition } from './parse.ts'
import type { Definition } from './types.ts'

const NAMES = ['waybill.yaml', 'waybill.yml', 'waybill.json', 'waybill.mjs']

export interface ReadDefinitionOptions extends ContextOptions {
  /** The file, relative to `cwd`. @default the first of waybill.yaml, waybill.yml, waybill.json, waybill.mjs in `cwd` */
  readonly config?: string | undefined
  /** Whether a definition that is a JavaScript module may run. @default false: reading a repository executes nothing of it */
  readonly allowCode?: boolean | undefined
}

/** A definition and the file it was read from, absolute. */
export interface FoundDefinition {
  readonly definition: Definition
  readonly file: string
}

/**
 * Reads the release definition of a repository.
 * @throws {ERR_NO_DEFINITION} where there is none, {ERR_CODE_NOT_ALLOWED} for a module that may not run, {ERR_INVALID_DEFINITION} naming file, line and key.
 */
export async function readDefinition(
  options: ReadDefinitionOptions = {},
): Promise<FoundDefinition> {
  const { cwd } = createContext(options)
  const file = findDefinition(cwd, options.config)
  const shown = relative(cwd, file) || basename(file)
  if (isCode(file)) {
    if (options.allowCode !== true) throw codeNotAllowed(shown)
    if (options.config === undefined) await insideRoot(cwd, file)
    return { file, definition: await importDefinition(file, shown) }
  }
  const reading =
    options.config === undefined
      ? readFileWhole(await insideRoot(cwd, file), { limit: LARGEST })
      : readFileUpTo(file, LARGEST)
  const bytes = await reading.catch((error: unknown) => {
    if (isWaybillError(error, 'ERR_TOO_LARGE')) throw tooLarge(shown)
    if (isWaybillError(error)) throw error
    throw new WaybillError('ERR_NO_DEFINITION', `${shown} could not be read: ${messageOf(error)}`, {
      outcome: 'usage',
      hint: 'Check the name given with --config; it is relative to the working folder.',
      cause: error,
    })
  })
  return { file, definition: await parseDefinition(Buffer.from(bytes).toString('utf8'), shown) }
}

// A thousand components fit.
const LARGEST = 1024 * 1024

function tooLarge(shown: string): WaybillError {
  const message = `${shown}: expected at most ${LARGEST} bytes, found more`
  return new WaybillError('ERR_INVALID_DEFINITION', message, {
    outcome: 'usage',
    hint: 'A definition says what is released, in kilobytes; check what the file holds.',
  })
}

// One that is found by its name is the repository's own; `--config` may name any.
const insideRoot = async (cwd: string, file: string): Promise<string> =>
  insideRepository(await findRoot(cwd), file)

// Where letters of both cases are the same, `waybill.MJS` is found as `waybill.mjs`.
const isCode = (file: string): boolean => file.toLowerCase().endsWith('.mjs')

function codeNotAllowed(shown: string): WaybillError {
  return new WaybillError(
    'ERR_CODE_NOT_ALLOWED',
    `${shown} is a program: expected a definition in YAML or JSON, since this command only reads`,
    {
      outcome: 'usage',
      hint: 'Pass --allow-code if you trust this commit (an action has the input allow-code, a script allowCode: true), or write the definition as waybill.yaml or waybill.json. Commands that build or publish run it without being told.',
      details: { file: shown },
    },
  )
}

/** Finds the definition's file. @throws {ERR_NO_DEFINITION} */
export function findDefinition(cwd: string, config?: string): string {
  if (config !== undefined) return resolve(cwd, config)
  const found = definitionIn(cwd)
  if (found !== undefined) return found
  throw new WaybillError(
    'ERR_NO_DEFINITION',
    `No definition in ${cwd}: looked for ${NAMES.join(', ')}`,
    {
      outcome: 'usage',
      hint: 'Write a waybill.yaml (docs/definition.md has one to start from), or name the file with --config.',
    },
  )
}

// A link to nothing is there too: it is said what it names, not that there is none.
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined

const definitionIn = (folder: string): string | undefined =>
  NAMES.map((name) => join(folder, name)).find((file) => isThere(file))

/** The definition of the repository that a folder lies in, where it stands in a folder above. */
export function definitionAbove(cwd: string): string | undefined {
  for (let folder = cwd; !existsSync(join(folder, '.git')); folder = dirname(folder)) {
    if (folder === dirname(folder)) return undefined
    const found = definitionIn(dirname(folder))
    if (found !== undefined) return found
  }
  return undefined
}

async function importDefinition(file: string, shown: string): Promise<Definition> {
  const module = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new WaybillError('ERR_INVALID_DEFINITION', `${shown}: ${messageOf(error)}`, {
      outcome: 'usage',
      cause: error,
    })
  })) as { default?: unknown }
  if (module.default === undefined) {
    throw new WaybillError(
      'ERR_INVALID_DEFINITION',
      `${shown}: expected the definition as the default export, found none`,
      { outcome: 'usage' },
    )
  }
  return validateDefinition(module.default, shown)
}
