import { WaybillError, isWaybillError, parseJson, readFileWhole, type Context } from '@waybill/core'
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { AUTH_FILE_SHAPE } from '../json-shapes.ts'
import type { Credential } from './credential.ts'
import { isRecord } from '../is-record.ts'

/** A docker `config.json` or podman `auth.json`, as far as it concerns credentials. */
export interface AuthFile {
  /** Where it was read, for messages. */
  readonly path: string
  readonly auths: Readonly<Record<string, unknown>>
  readonly credHelpers: Readonly<Record<string, unknown>>
  readonly credsStore?: string
}

type Env = Context['env']

/** The folder of docker's own configuration. */
export function dockerConfigPath(env: Env): string {
  return join(env['DOCKER_CONFIG'] || join(homeOf(env), '.docker'), 'config.json')
}

// An empty variable is none, as for docker: a file in the current folder would be anybody's.
const homeOf = (env: Env): string => env['HOME'] || env['USERPROFILE'] || homedir()

/**
 * Reads all places where credentials may stand, most particular first: DOCKER_AUTH_CONFIG (the file's content, as CI systems keep it),
 * REGISTRY_AUTH_FILE, docker's config.json, podman's auth.json.
 * @throws {ERR_INVALID_AUTH_FILE}
 */
export async function readAuthFiles(env: Env): Promise<AuthFile[]> {
  const content = env['DOCKER_AUTH_CONFIG']
  const paths = [
    env['REGISTRY_AUTH_FILE'],
    dockerConfigPath(env),
    env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'containers/auth.json'),
    join(env['XDG_CONFIG_HOME'] || join(homeOf(env), '.config'), 'containers/auth.json'),
  ].filter((path) => path !== undefined && path !== '')
  const files = await Promise.all(paths.map((path) => readAuthFile(path!)))
  return [
    ...(content ? [parseAuthFile(content, 'DOCKER_AUTH_CONFIG')] : []),
    ...files.filter((file) => file !== undefined),
  ]
}

async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  const bytes = await readAuthBytes(path)
  return bytes === undefined ? undefined : parseAuthFile(bytes, path)
}

/**
 * What is in such a file; undefined where there is none. A pipe, a device or a folder in its place is not waited for.
 * @throws {ERR_INVALID_AUTH_FILE}
 */
export async function readAuthBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw invalidAuthFile(path, `it is ${kindOf(found)}, not a file`)
    return await readFileWhole(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (isWaybillError(error, 'ERR_INVALID_AUTH_FILE')) throw error
    const why = code === 'ELOOP' ? 'its links lead in a circle' : 'it cannot be read'
    throw invalidAuthFile(path, why, error)
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a pipe'
  return found.isSocket() ? 'a socket' : 'a device'
}

/** Reads the content of such a file; it never gets into an error. @throws {ERR_INVALID_AUTH_FILE} {ERR_AMBIGUOUS_JSON} */
export function parseAuthFile(content: Uint8Array | string, path: string): AuthFile {
  const isEmpty = Buffer.from(content).toString().trim() === ''
  const value = isEmpty ? {} : parseQuietly(content, path)
  if (!isRecord(value)) throw invalidAuthFile(path, 'it is not an object')
  const { credsStore = null } = value
  if (credsStore !== null && typeof credsStore !== 'string')
    throw invalidAuthFile(path, 'its `credsStore` is not a text')
  return {
    path,
    auths: mapIn(value, 'auths', path),
    credHelpers: mapIn(value, 'credHelpers', path),
    ...(credsStore === null || credsStore === '' ? {} : { credsStore }),
  }
}

// Docker reads null as nothing, and no file that has something else there.
function mapIn(
  value: Readonly<Record<string, unknown>>,
  field: string,
  path: string,
): Readonly<Record<string, unknown>> {
  const found = value[field] ?? {}
  if (isRecord(found)) return found
  throw invalidAuthFile(path, `its \`${field}\` is not an object`)
}

// The parser's own message quotes what it read, which may be a password.
function parseQuietly(text: Uint8Array | string, path: string): unknown {
  try {
    return parseJson(text, path, AUTH_FILE_SHAPE)
  } catch (error) {
    if (isWaybillError(error, 'ERR_AMBIGUOUS_JSON')) throw error
    throw invalidAuthFile(path, 'it is not JSON')
  }
}

/** The error for such a file; `why` tells nothing of what is in it. */
export function invalidAuthFile(path: string, why: string, cause?: unknown): WaybillError {
  return new WaybillError(
    'ERR_INVALID_AUTH_FILE',
    `${path}: credentials are looked up here, but ${why}`,
    {
      hint: 'Fix the file, or move it away and log in again with `waybill login` or `docker login`.',
      details: { path },
      cause,
    },
  )
}

/** The credential in one entry of `auths`; undefined when it holds none. */
export function credentialOf(entry: unknown): Credential | undefined {
  if (!isRecord(entry)) return undefined
  const text = (name: string): string => (typeof entry[name] === 'string' ? entry[name] : '')
  if (text('identitytoken') !== '') return { kind: 'refresh', token: text('identitytoken') }
  if (text('registrytoken') !== '') return { kind: 'bearer', token: text('registrytoken') }
  const [, username = text('username'), password = text('password')] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(text('auth'), 'base64').toString()) ?? []
  if (username === '' && password === '') return undefined
  // Docker pads the decoded text with zero bytes at times.
  return { kind: 'password', username, password: password.replace(/\0+$/, '') }
}
