// Holds what is sent to the forge, and what it answers, to GitHub's own description of its API (test/fixtures/github-api.json,
// which scripts/github-contract.ts makes).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect } from '@waybill/core'
import {
  startForge,
  type ForgeOptions,
  type Handler,
  type RegistryReply,
  type RegistryRequest,
  type TestForge,
} from '@waybill/testkit'
import { Ajv, type ValidateFunction } from 'ajv'
import { ROOT } from './cli.ts'

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema: object } }
}
interface Referring {
  readonly $ref?: string
}
interface Operation {
  readonly parameters?: readonly (Referring & { readonly in?: string; readonly name?: string })[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content & Referring>>
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>
}

// References are from anywhere, so that each schema is compiled alone and once.
const text = readFileSync(join(ROOT, 'test/fixtures/github-api.json'), 'utf8')
const contract = JSON.parse(text.replaceAll('"#/components/', '"api#/components/')) as Contract

const ajv = new Ajv({ strict: false, allErrors: true })
ajv.addSchema({ $id: 'api', components: contract.components })
ajv.addFormat('int64', true)
ajv.addFormat('uri', { type: 'string', validate: (uri: string) => URL.canParse(uri) })
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

const compiled = new Map<object, ValidateFunction>()

function complaints(schema: object, value: unknown): readonly string[] {
  const validate = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, validate)
  if (validate(value)) return []
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}

function resolved<Value extends object>(value: Value & Referring): Value {
  const [, kind, name] = /^api#\/components\/([^/]+)\/([^/]+)$/.exec(value.$ref ?? '') ?? []
  return kind === undefined ? value : (contract.components[kind]![name!] as Value)
}

const routes = Object.entries(contract.paths).map(([path, methods]) => {
  // A reference is a path of its own; a tag may hold what a path must not.
  const pattern = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    /^(?:ref|tag)$/.test(name) ? '(.+)' : name.endsWith('_id') ? '\\d+' : '[^/]+',
  )
  return { path: new RegExp(`^/api/(?:v3|uploads)${pattern}$`), methods }
})

function operationOf({ method, path }: RegistryRequest): Operation | undefined {
  for (const route of routes) {
    const operation = route.methods[method.toLowerCase()]
    if (route.path.test(path) && operation !== undefined) return operation
  }
  return undefined
}

/** What of a request is not as described. */
function judgeRequest(operation: Operation, request: RegistryRequest, body: unknown): string[] {
  const parameters = (operation.parameters ?? []).map((parameter) => resolved(parameter))
  const query = parameters.filter(({ in: where }) => where === 'query')
  const known = new Set(query.map(({ name }) => name))
  const strange = [...request.query.keys()].filter((name) => !known.has(name))
  const schema = operation.requestBody?.content?.['application/json']?.schema
  const fields = Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
  const unknown = Object.keys((body ?? {}) as object).filter((name) => !fields.includes(name))
  return [
    ...strange.map((name) => `unknown query ${name}`),
    ...unknown.map((name) => `unknown field ${name}`),
    ...(schema === undefined ? [] : complaints(schema, body ?? {})),
  ]
}

// What may go wrong anywhere is not described everywhere.
const ANYWHERE: Readonly<Record<number, string>> = {
  401: 'basic-error',
  403: 'basic-error',
  404: 'basic-error',
  422: 'validation-error',
}

/** What of a reply is not as described. */
async function judgeReply(operation: Operation, reply: RegistryReply): Promise<string[]> {
  const described = operation.responses[String(reply.status)]
  const anywhere = ANYWHERE[reply.status]
  if (described === undefined && anywhere === undefined)
    return [`the status ${reply.status} is not described`]
  const schema =
    described === undefined
      ? contract.components['schemas']![anywhere!]!
      : resolved(described).content?.['application/json']?.schema
  if (schema === undefined || !(reply.body instanceof Uint8Array)) return []
  return [...complaints(schema, JSON.parse(Buffer.from(reply.body).toString('utf8')))]
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

function held(next: Handler, violations: string[]): Handler {
  return async (request) => {
    if (!request.path.startsWith('/api/')) return next(request)
    const operation = operationOf(request)
    const where = `${request.method} ${request.target}`
    if (operation === undefined) {
      violations.push(`${where}: not described`)
      return next(request)
    }
    const isJson = request.headers['content-type'] === 'application/json'
    const bytes = isJson ? await collect(request.body, Infinity, where) : undefined
    const body: unknown =
      bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString())
    violations.push(...judgeRequest(operation, request, body).map((what) => `${where}: ${what}`))
    const reply = await next(bytes === undefined ? request : { ...request, body: once(bytes) })
    const wrong = await judgeReply(operation, reply)
    violations.push(...wrong.map((what) => `${where}: ${reply.status}: ${what}`))
    return reply
  }
}

/** Starts a forge that fails on closing if anything was asked or answered otherwise than GitHub describes it. */
export async function startHeldForge(options: ForgeOptions = {}): Promise<TestForge> {
  const violations: string[] = []
  const { wrap = (next) => next } = options
  const forge = await startForge({ ...options, wrap: (next) => held(wrap(next), violations) })
  return {
    ...forge,
    close: async () => {
      await forge.close()
      if (violations.length > 0) throw new Error(violations.join('\n'))
    },
  }
}
