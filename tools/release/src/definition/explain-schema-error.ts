import { suggest } from '@waybill/core'
import type { ErrorObject } from 'ajv'

/** A schema error in words, and the path of keys to the place it speaks of. */
export interface SchemaProblem {
  readonly path: readonly string[]
  readonly message: string
}

/** Turns what the schema validator reports into one sentence a problem: what, expected, found, and the nearest valid name. */
export function explainSchemaErrors(errors: readonly ErrorObject[]): SchemaProblem[] {
  const told = errors.filter((error) => !isConsequence(error, errors))
  const problems = told.map((error) => explain(error, told))
  return problems.filter(
    (problem, index) => problems.findIndex((other) => sameProblem(other, problem)) === index,
  )
}

// What is wrong where several kinds of value may stand; each of them complains that it is not the other.
const OF_A_KIND = new Set(['type', 'const'])

// A failed alternative reports each of its branches and then itself; the deepest complaint says most.
function isConsequence(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  const { keyword, instancePath } = error
  const others = all.filter((other) => other !== error)
  if (keyword === 'oneOf' || keyword === 'propertyNames') {
    const { schemaPath } = error
    return others.some(
      (other) =>
        other.schemaPath.startsWith(schemaPath) || other.instancePath.startsWith(instancePath),
    )
  }
  if (isNoWord(error)) return others.some((other) => other.instancePath.startsWith(instancePath))
  if (!OF_A_KIND.has(keyword)) return false
  return (
    others.some((other) => other.keyword === 'oneOf' && other.instancePath === instancePath) &&
    others.some((other) => other.instancePath.startsWith(instancePath) && saysMore(other))
  )
}

// A mapping is none of a list of words; what is wrong with it as a mapping says more.
const isNoWord = ({ keyword, data }: ErrorObject): boolean =>
  keyword === 'enum' && typeof data === 'object'

const saysMore = (error: ErrorObject): boolean =>
  !OF_A_KIND.has(error.keyword) && error.keyword !== 'oneOf' && !isNoWord(error)

function explain(error: ErrorObject, all: readonly ErrorObject[]): SchemaProblem {
  const path = keysOf(error.instancePath)
  const at = path.length === 0 ? 'the definition' : `"${path.join('.')}"`
  const found = shown(error.data)
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty'])
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {})
      const message = `unknown key "${key}" in ${at}; ${suggest(key, known)}`
      return { path: [...path, key], message }
    }
    case 'required':
      return { path, message: `${at} lacks the key "${String(error.params['missingProperty'])}"` }
    case 'enum': {
      const allowed = (error.params['allowedValues'] as readonly string[]).map(String)
      return { path, message: `${at} is ${found}; ${suggest(String(error.data), allowed)}` }
    }
    case 'type':
    case 'const': {
      const plain = ['number', 'boolean'].includes(typeof error.data)
        ? ' (quotes make it a text)'
        : ''
      return { path, message: `${at}: expected ${kindsOf(error, all)}, found ${found}${plain}` }
    }
    case 'pattern':
      return { path, message: `${at}: expected ${expectedForm(error)}, found ${found}` }
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return { path, message: `${at} is empty; expected ${LEAST[error.keyword]}` }
    case 'uniqueItems':
      return { path, message: `${at} holds the same entry twice: ${found}` }
    default:
      return { path, message: `${at} ${error.message ?? 'is invalid'}, found ${found}` }
  }
}

const LEAST = {
  minLength: 'a text',
  minItems: 'a list of at least one entry',
  minProperties: 'at least one entry',
} as const

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a mapping of keys',
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
}

/** Every kind of value that may stand where this error was found. */
function kindsOf({ instancePath }: ErrorObject, all: readonly ErrorObject[]): string {
  const here = all.filter((one) => one.instancePath === instancePath && OF_A_KIND.has(one.keyword))
  const kinds = here.map(({ keyword, params }) =>
    keyword === 'const'
      ? JSON.stringify(params['allowedValue'])
      : (KINDS[String(params['type'])] ?? String(params['type'])),
  )
  return [...new Set(kinds)].join(' or ')
}

const FORMS: Readonly<Record<string, string>> = {
  platform: 'os/architecture, for example linux/amd64',
  namespace: 'a registry and namespace without a tag, for example ghcr.io/acme',
  tag: 'a tag with {version} in it, for example "hello-v{version}"',
  glibc: 'a glibc version, for example "2.28" (with quotes)',
  path: 'an absolute path in the image, for example /usr/local/bin/hello',
  binary: "a file's name of letters, digits, and . _ -, for example hello-server",
  repository: 'a repository as owner/name, for example acme/hello',
  propertyNames: 'a name of letters, digits, and @ / . _ -, for example hello',
}

function expectedForm(error: ErrorObject): string {
  const name = [...keysOf(error.schemaPath), ...keysOf(error.instancePath)].findLast(
    (key) => key in FORMS,
  )
  return name === undefined ? String(error.params['pattern']) : FORMS[name]!
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function sameProblem(a: SchemaProblem, b: SchemaProblem): boolean {
  return a.message === b.message && a.path.join('\0') === b.path.join('\0')
}
