import { WaybillError, createContext, writeNamedFile, type Context } from '@waybill/core'
import { readFile } from 'node:fs/promises'
import { createAuthorizer } from './auth/authorizer.ts'
import type { Credential } from './auth/credential.ts'
import { dockerConfigPath, isRecord } from './auth/auth-file.ts'
import { dockerKey, normalKey } from './auth/lookup.ts'
import { answerError } from './errors.ts'
import { hostFor } from './host.ts'
import { parseReference } from './reference.ts'
import type { RepositoryOptions } from './repository.ts'

export interface LoginOptions extends RepositoryOptions {
  readonly username: string
  readonly password: string
}

export interface LoginResult {
  /** The registry's name: `ghcr.io`. */
  readonly registry: string
  /** The file the credential is kept in now. */
  readonly file: string
}

/**
 * Checks a user and password at a registry and keeps them in docker's configuration file (0600), its other entries untouched. Needs no docker.
 * **Security:** docker's format keeps them readable in that file; where a credential store is configured, use `docker login`.
 * @throws {ERR_USAGE} for a user with a colon, {ERR_UNAUTHORIZED} {ERR_CREDENTIAL_STORE} {ERR_INVALID_AUTH_FILE} {ERR_NETWORK} {ERR_INVALID_REFERENCE}
 */
export async function login(registry: string, options: LoginOptions): Promise<LoginResult> {
  const ctx = createContext(options)
  const name = registryOf(registry)
  if (options.username.includes(':'))
    throw new WaybillError('ERR_USAGE', `A user name holds no colon, found "${options.username}"`, {
      outcome: 'usage',
      hint: 'Basic authentication ends the name at the first one: RFC 7617 section 2.',
    })
  const file = dockerConfigPath(ctx.env)
  const config = await readConfig(file)
  assertNoStore(config, name, file)
  await tryCredential(name, options, ctx)
  const auth = Buffer.from(`${options.username}:${options.password}`).toString('base64')
  const changed = withEntry(config, name, { auth })
  await writeNamedFile(file, `${JSON.stringify(changed, undefined, '\t')}\n`, { mode: 0o600 })
  return { registry: name, file }
}

// `https://index.docker.io/v1/` is what people copy from docker's file.
function registryOf(text: string): string {
  const key = normalKey(text)
  if (!key.includes('/') && (/[.:]/.test(key) || key === 'localhost'))
    return parseReference(`${key}/any/repository`).registry
  throw new WaybillError('ERR_INVALID_REFERENCE', `Expected a registry, found "${text}"`, {
    hint: 'A registry is a host such as ghcr.io, docker.io or localhost:5000.',
    outcome: 'usage',
  })
}

type Config = Readonly<Record<string, unknown>>

async function readConfig(file: string): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const value = parse(text)
  if (isRecord(value)) return value
  throw new WaybillError('ERR_INVALID_AUTH_FILE', `${file}: expected a JSON object`, {
    hint: 'Mend the file or move it away; it is not overwritten.',
    details: { path: file },
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trim() === '' ? '{}' : text)
  } catch {
    return undefined // the parser's message would quote what the file holds
  }
}

// What a store or helper answers comes before the file's own entries, so writing one would change nothing, or leak what was kept safe.
function assertNoStore(config: Config, registry: string, file: string): void {
  const helpers = isRecord(config['credHelpers']) ? Object.keys(config['credHelpers']) : []
  const stored = typeof config['credsStore'] === 'string' && config['credsStore'] !== ''
  if (!stored && !helpers.some((key) => normalKey(key) === registry)) return
  throw new WaybillError(
    'ERR_CREDENTIAL_STORE',
    `${file}: a credential store keeps the credentials of ${registry}`,
    {
      hint: `Log in with \`docker login ${registry}\`, which uses the store.`,
      details: { path: file, registry },
    },
  )
}

function withEntry(config: Config, registry: string, entry: Config): Config {
  const auths = isRecord(config['auths']) ? config['auths'] : {}
  const others = Object.entries(auths).filter(([key]) => normalKey(key) !== registry)
  return { ...config, auths: { ...Object.fromEntries(others), [dockerKey(registry)]: entry } }
}

async function tryCredential(registry: string, options: LoginOptions, ctx: Context): Promise<void> {
  const { username, password } = options
  const { origin, http } = hostFor(registry, options, ctx)
  const credential: Credential = { kind: 'password', username, password }
  const findCredential = (): Promise<Credential> => Promise.resolve(credential)
  const authorizer = createAuthorizer({ registry, origin, http, ctx, findCredential })
  const authorization = await authorizer.authorize('', new Map())
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const response = await http.request(`${origin}/v2/`, { headers, signal: ctx.signal })
  if (response.status !== 200) throw await answerError(response, `Logging in to ${registry}`)
  await response.discard()
}
