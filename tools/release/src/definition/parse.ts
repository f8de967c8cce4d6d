import { WaybillError, inTime, isWaybillError, messageOf } from '@waybill/core'
import { explainSchemaErrors, type SchemaProblem } from './explain-schema-error.ts'
import { checkReferences } from './check-references.ts'
import type { Definition } from './types.ts'

/** Finds the line (from 1) a path of keys stands on; undefined where the text has no such place. */
export type LineOf = (path: readonly string[]) => number | undefined

/**
 * Reads a definition from YAML or JSON text. `file` names it in errors.
 * @throws {ERR_INVALID_DEFINITION} with every problem: file, line, key, expected, found, nearest valid name.
 */
export async function parseDefinition(text: string, file: string): Promise<Definition> {
  const { LineCounter, parseDocument } = await import('yaml')
  const counter = new LineCounter()
  const document = within(file, () =>
    parseDocument(text, { lineCounter: counter, prettyErrors: false }),
  )
  const broken = document.errors[0]
  if (broken !== undefined) {
    throw invalid(file, [{ line: counter.linePos(broken.pos[0]).line, message: broken.message }])
  }
  const lineOf: LineOf = (path) => {
    for (let length = path.length; length > 0; length--) {
      const offset = offsetOf(document, path.slice(0, length))
      if (offset !== undefined) return counter.linePos(offset).line
    }
    return undefined
  }
  const value = within(file, () => document.toJS() as unknown)
  return validateDefinition(value, file, lineOf)
}

// A parser that is led into a circle, too deep, or through a thousand times a thousand aliases has found a wrong definition.
function within<Result>(file: string, work: () => Result): Result {
  const wrong = (message: string): WaybillError => invalid(file, [{ line: undefined, message }])
  try {
    return inTime(work, (time) => wrong(`it could not be read within ${time} ms`))
  } catch (error) {
    throw isWaybillError(error) ? error : wrong(messageOf(error).split('\n')[0]!)
  }
}

/** Checks a value against the schema and its own references. @throws {ERR_INVALID_DEFINITION} */
export async function validateDefinition(
  value: unknown,
  file: string,
  lineOf: LineOf = () => undefined,
): Promise<Definition> {
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true })
  const { definitionSchema } = await import('./schema.ts')
  const validate = ajv.compile<Definition>(definitionSchema)
  const problems = within(file, () =>
    validate(value) ? checkReferences(value) : explainSchemaErrors(validate.errors ?? []),
  )
  if (problems.length > 0)
    throw invalid(
      file,
      problems.map((problem) => located(problem, lineOf)),
    )
  return value as Definition
}

interface Located {
  readonly line: number | undefined
  readonly message: string
}

const located = (problem: SchemaProblem, lineOf: LineOf): Located => ({
  line: lineOf(problem.path),
  message: problem.message,
})

const MAX_SHOWN = 100

function invalid(file: string, problems: readonly Located[]): WaybillError {
  const left = problems.length - MAX_SHOWN
  const lines = problems
    .slice(0, MAX_SHOWN)
    .map(({ line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`)
  return new WaybillError(
    'ERR_INVALID_DEFINITION',
    [...lines, ...(left > 0 ? [`and ${left} more`] : [])].join('\n'),
    {
      outcome: 'usage',
      hint: 'docs/definition.md describes every key; `waybill check` checks the definition alone.',
      details: { file, problems: problems.slice(0, MAX_SHOWN) },
    },
  )
}

interface Pairs {
  readonly items: readonly { readonly key?: unknown; readonly value?: unknown }[]
}

// The key's own place, not its value's: an unknown key is shown where it is written.
function offsetOf(
  document: { readonly contents: unknown },
  path: readonly string[],
): number | undefined {
  let node = document.contents
  let offset: number | undefined
  for (const key of path) {
    const items: readonly unknown[] | undefined = (node as Pairs | null)?.items
    if (items === undefined) return undefined
    const pair = items.find((item) => scalar((item as { key?: unknown }).key) === key) as
      | { key: unknown; value: unknown }
      | undefined
    const item = pair ?? items[Number(key)]
    if (item === undefined) return undefined
    offset = rangeStart(pair?.key ?? item)
    node = pair?.value ?? item
  }
  return offset
}

const scalar = (node: unknown): unknown => (node as { value?: unknown } | null | undefined)?.value
const rangeStart = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] } | null)?.range?.[0]
