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
  const problems = told.map(explain)
  return problems.filter(
    (problem, index) => problems.findIndex((other) => sameProblem(other, problem)) === index,
  )
}

// A failed alternative reports each of its branches and then itself; the deepest complaint says most.
function isConsequence(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  const deeper = (other: ErrorObject): boolean =>
    other !== error && other.instancePath.startsWith(`${error.instancePath}/`)
  if (error.keyword === 'oneOf' || error.keyword === 'propertyNames') {
    return (
      all.some((other) => other !== error && other.schemaPath.startsWith(error.schemaPath)) ||
      all.some(deeper)
    )
  }
  return (
    error.schemaPath.includes('/oneOf/') &&
    error.keyword === 'type' &&
    all.some(
      (other) =>
        other !== error &&
        other.instancePath.startsWith(error.instancePath) &&
        other.keyword !== 'type' &&
        other.keyword !== 'oneOf',
    )
  )
}

function explain(error: ErrorObject): SchemaProblem {
  const path = keysOf(error.instancePath)
  const at = path.length === 0 ? 'the definition' : `"${path.join('.')}"`
  const parent = (error.parentSchema ?? {}) as {
    properties?: object
    pattern?: string
    enum?: string[]
  }
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty'])
      return {
        path: [...path, key],
        message: `unknown key "${key}" in ${at}; ${suggest(key, Object.keys(parent.properties ?? {}))}`,
      }
    }
    case 'required':
      return { path, message: `${at} lacks the key "${String(error.params['missingProperty'])}"` }
    case 'enum': {
      const allowed = (error.params['allowedValues'] as readonly string[]).map(String)
      return {
        path,
        message: `${at} is ${shown(error.data)}; ${suggest(String(error.data), allowed)}`,
      }
    }
    case 'const':
      return {
        path,
        message: `${at}: expected ${JSON.stringify(error.params['allowedValue'])}, found ${shown(error.data)}`,
      }
    case 'pattern':
      return {
        path,
        message: `${at}: ${shown(error.data)} does not have the form ${expectedForm(error)}`,
      }
    default:
      return { path, message: `${at} ${error.message ?? 'is invalid'}, found ${shown(error.data)}` }
  }
}

const FORMS: Readonly<Record<string, string>> = {
  platform: 'os/architecture, for example linux/amd64',
  namespace: 'a registry and namespace without a tag, for example ghcr.io/acme',
  tag: 'a tag with {version} in it, for example "hello-v{version}"',
  repository: 'a repository as owner/name, for example acme/hello',
  glibc: 'a glibc version, for example "2.28" (with quotes)',
  path: 'an absolute path in the image, for example /usr/local/bin/hello',
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
