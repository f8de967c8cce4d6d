import { WaybillError, isWaybillError, parseJson, type Context } from '@waybill/core'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { AUTH_FILE_SHAPE } from '../json-shapes.ts'
import type { Credential } from './credential.ts'

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
  return join(env['DOCKER_CONFIG'] ?? join(homeOf(env), '.docker'), 'config.json')
}

const homeOf = (env: Env): string => env['HOME'] ?? env['USERPROFILE'] ?? homedir()

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
    join(env['XDG_CONFIG_HOME'] ?? join(homeOf(env), '.config'), 'containers/auth.json'),
  ].filter((path) => path !== undefined && path !== '')
  const files = await Promise.all(paths.map((path) => readAuthFile(path!)))
  return [
    ...(content ? [parseAuthFile(content, 'DOCKER_AUTH_CONFIG')] : []),
    ...files.filter((file) => file !== undefined),
  ]
}

async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  try {
    return parseAuthFile(await readFile(path, 'utf8'), path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code !== 'EACCES' && code !== 'EISDIR') throw error
    throw invalidAuthFile(path, 'it cannot be read', error)
  }
}

/** Reads the text of such a file; its content never gets into an error. @throws {ERR_INVALID_AUTH_FILE} */
export function parseAuthFile(text: string, path: string): AuthFile {
  const value = text.trim() === '' ? {} : parseQuietly(text, path)
  if (!isRecord(value)) throw invalidAuthFile(path, 'it is not an object')
  const store = value['credsStore']
  return {
    path,
    auths: isRecord(value['auths']) ? value['auths'] : {},
    credHelpers: isRecord(value['credHelpers']) ? value['credHelpers'] : {},
    ...(typeof store === 'string' && store !== '' ? { credsStore: store } : {}),
  }
}

// The parser's own message quotes what it read, which may be a password.
function parseQuietly(text: string, path: string): unknown {
  try {
    return parseJson(text, path, AUTH_FILE_SHAPE)
  } catch (error) {
    if (isWaybillError(error, 'ERR_AMBIGUOUS_JSON')) throw error
    throw invalidAuthFile(path, 'it is not JSON')
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalidAuthFile(path: string, why: string, cause?: unknown): WaybillError {
  return new WaybillError(
    'ERR_INVALID_AUTH_FILE',
    `${path}: credentials are looked up here, but ${why}`,
    {
      hint: 'Mend the file, or log in again with `waybill login` or `docker login`.',
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
