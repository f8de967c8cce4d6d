// npm run contract -- FOLDER: takes from GitHub's own description of its API (the unpacked npm package @octokit/openapi, half a
// gigabyte, which is why it is no dependency) what a release needs, and writes it where the tests read it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

type Json = Readonly<Record<string, unknown>>
interface Description {
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Json>>
  readonly components: Readonly<Record<string, Json>>
}

const REPO = '/repos/{owner}/{repo}'
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  [REPO]: ['get'],
  [`${REPO}/git/ref/{ref}`]: ['get'],
  [`${REPO}/git/tags/{tag_sha}`]: ['get'],
  [`${REPO}/releases`]: ['get', 'post'],
  [`${REPO}/releases/assets/{asset_id}`]: ['get', 'delete'],
  [`${REPO}/releases/generate-notes`]: ['post'],
  [`${REPO}/releases/latest`]: ['get'],
  [`${REPO}/releases/tags/{tag}`]: ['get'],
  [`${REPO}/releases/{release_id}`]: ['get', 'patch', 'delete'],
  [`${REPO}/releases/{release_id}/assets`]: ['get', 'post'],
}

const folder = resolve(process.argv[2] ?? 'node_modules/@octokit/openapi')
const whole = JSON.parse(
  readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8'),
) as Description

// Prose and examples are no part of the contract.
const PROSE = new Set([
  'description',
  'example',
  'examples',
  'summary',
  'externalDocs',
  'tags',
  'title',
])

function bare(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((one) => bare(one))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([key]) => isNames || (!PROSE.has(key) && !key.startsWith('x-')),
  )
  return Object.fromEntries(
    entries.map(([key, one]) => [key, bare(one, key === 'properties' && !isNames)]),
  )
}

function operation(path: string, method: string): unknown {
  const { operationId, parameters, requestBody, responses } = whole.paths[path]![method] as Json
  return bare({ operationId, parameters, requestBody, responses })
}

const paths = Object.fromEntries(
  Object.entries(OPERATIONS).map(([path, methods]) => [
    path,
    Object.fromEntries(methods.map((method) => [method, operation(path, method)])),
  ]),
)

// What is referred to, and what that refers to.
const components: Record<string, Record<string, unknown>> = {}
function collect(value: unknown): void {
  for (const [, kind = '', name = ''] of JSON.stringify(value).matchAll(
    /"#\/components\/([^/"]+)\/([^/"]+)"/g,
  )) {
    if (components[kind]?.[name] !== undefined) continue
    const found = bare(whole.components[kind]![name])
    components[kind] = { ...components[kind], [name]: found }
    collect(found)
  }
}
collect(paths)

const sorted = (group: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(group).toSorted(([a], [b]) => (a < b ? -1 : 1)))
const file = resolve(import.meta.dirname, '../../test/fixtures/github-api.json')
const contract = {
  source: `@octokit/openapi ${whole.info.version}, generated/api.github.com.json (MIT, GitHub)`,
  paths,
  components: sorted(
    Object.fromEntries(Object.entries(components).map(([kind, group]) => [kind, sorted(group)])),
  ),
}
writeFileSync(file, `${JSON.stringify(contract)}\n`)
