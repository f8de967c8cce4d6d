import { chmod, chown, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  WaybillError,
  asFileError,
  createContext,
  makeFolder,
  removeTemporaries,
  whereItLeads,
  withFileLocks,
  writeFileAtomic,
  type Context,
} from '@waybill/core'
import { createAuthorizer } from './auth/authorizer.ts'
import type { Credential } from './auth/credential.ts'
import {
  dockerConfigPath,
  invalidAuthFile,
  parseAuthFile,
  readAuthBytes,
  type AuthFile,
} from './auth/auth-file.ts'
import { withAuthEntry } from './auth/edit-auth-file.ts'
import { normalKey } from './auth/lookup.ts'
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
 * Checks a user and password at a registry and keeps them in docker's configuration file (0600, in a folder of 0700 where it makes one), under a lock; what
 * else is in the file stays as it is written, also what came while the registry was asked. Links are followed. Needs no docker.
 * **Security:** docker's format keeps them readable in that file; where a credential store is configured, use `docker login`.
 * @throws {ERR_USAGE} for a user with a colon, {ERR_UNAUTHORIZED} {ERR_CREDENTIAL_STORE} {ERR_INVALID_AUTH_FILE} {ERR_AMBIGUOUS_JSON} {ERR_LOCKED} {ERR_NETWORK} {ERR_INVALID_REFERENCE}
 */
export async function login(registry: string, options: LoginOptions): Promise<LoginResult> {
  const ctx = createContext(options)
  const name = registryOf(registry)
  if (options.username.includes(':'))
    throw new WaybillError(
      'ERR_USAGE',
      `A user name holds no colon, found "${options.username.split(':')[0]}:…"`,
      {
        outcome: 'usage',
        hint: 'Basic authentication ends the name at the first one: RFC 7617 section 2.',
      },
    )
  const file = dockerConfigPath(ctx.env)
  assertNoStore(await readAuthContent(file), name)
  await tryCredential(name, options, ctx)
  await keep({ auth: encode(options) }, { name, file, signal: ctx.signal })
  return { registry: name, file }
}

const encode = ({ username, password }: LoginOptions): string =>
  Buffer.from(`${username}:${password}`).toString('base64')

interface Keeping {
  readonly name: string
  readonly file: string
  readonly signal: AbortSignal
}

/**
 * Docker takes no lock and replaces the file as a whole, so what it wrote while the registry was asked is read again, at the last moment; other logins of
 * this program wait. The lock lies beside the file: a temporary folder is not the same for everybody.
 */
async function keep(entry: object, { name, file, signal }: Keeping): Promise<void> {
  const path = await whereItLeads(file)
  const folder = dirname(path)
  await makePrivate(folder, path)
  const lock = { folder, purpose: `logging in to ${name}`, signal }
  await withFileLocks([path], lock, async () => {
    await removeTemporaries(path)
    const owner = await stat(path).catch(() => undefined)
    const found = await readAuthContent(file)
    assertNoStore(found, name)
    await writeFileAtomic(path, withAuthEntry(found.text, name, entry), { mode: 0o600 })
    // As docker does: what root writes for somebody else stays theirs.
    if (owner !== undefined && owner.uid !== process.getuid?.())
      await chown(path, owner.uid, owner.gid).catch(() => {})
  })
}

async function makePrivate(folder: string, path: string): Promise<void> {
  try {
    const made = await makeFolder(folder, 0o700)
    for (const one of made) await chmod(one, 0o700) // the umask must not close it to its owner
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw asFileError(error, path)
    throw invalidAuthFile(path, 'a part of its path is a file', error)
  }
}

// `https://index.docker.io/v1/` is what people copy from docker's file.
function registryOf(text: string): string {
  const key = normalKey(text)
  if (!/[/@]/.test(key) && (/[.:]/.test(key) || key === 'localhost'))
    return parseReference(`${key}/any/repository`).registry
  throw new WaybillError(
    'ERR_INVALID_REFERENCE',
    `Expected a registry, found "${text.replace(/^(\w+:\/\/)?[^/]*@/, '$1…@')}"`,
    {
      hint: 'A registry is a host such as ghcr.io, docker.io or localhost:5000.',
      outcome: 'usage',
    },
  )
}

interface Content {
  readonly file: AuthFile
  readonly text: string
}

async function readAuthContent(path: string): Promise<Content> {
  const bytes = (await readAuthBytes(path)) ?? Buffer.alloc(0)
  const file = parseAuthFile(bytes, path)
  const text = Buffer.from(bytes).toString()
  return { file, text: text.trim() === '' ? '{}\n' : text }
}

// What a store or helper answers comes before the file's own entries, so writing one would change nothing, or leak what was kept safe.
function assertNoStore({ file }: Content, registry: string): void {
  const { path, credsStore, credHelpers } = file
  const isHelped = Object.keys(credHelpers).some((key) => normalKey(key) === registry)
  if (credsStore === undefined && !isHelped) return
  throw new WaybillError(
    'ERR_CREDENTIAL_STORE',
    `${path}: a credential store keeps the credentials of ${registry}`,
    {
      hint: `Log in with \`docker login ${registry}\`, which uses the store.`,
      details: { path, registry },
    },
  )
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
