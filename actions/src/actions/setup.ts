import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportVariable, saveState, setSecret } from '@actions/core'
import {
  FREE_BELOW,
  WaybillError,
  isWaybillError,
  tryParseJson,
  writeFileAtomic,
  type Context,
} from '@waybill/core'
import { login } from 'waybill'
import { info } from '../log.ts'
import type { Work } from '../session.ts'

export const work: Work<'setup'> = async (inputs, context) => {
  const credentials = inputs.credentials.map(parseCredential)
  for (const { username, password } of credentials) mask(username, password)
  const folder = await mkdtemp(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'waybill-docker-'))
  // The post step removes it, also when the next line fails.
  saveState('folder', folder)
  await copyEarlierLogins(folder, context)
  const env = { ...context.env, DOCKER_CONFIG: folder }
  const access = { plainHttp: inputs['plain-http'], caFile: inputs['ca-file'] }
  for (const { host, username, password } of credentials) {
    await login(host, { ...context, ...access, env, username, password }).catch(
      (error: unknown) => {
        throw named(host, error)
      },
    )
    info(`✓ logged in to ${host}`)
  }
  exportVariable('DOCKER_CONFIG', folder)
  return { outputs: { 'docker-config': folder } }
}

interface Credential {
  readonly host: string
  readonly username: string
  readonly password: string
}

function parseCredential(line: string): Credential {
  const [, host, username, password] = /^(\S+)\s+(\S+)\s+(.+)$/.exec(line)!
  return { host: host!, username: username!, password: password! }
}

// Docker's file keeps the two as one word, in base64.
function mask(username: string, password: string): void {
  setSecret(password)
  setSecret(Buffer.from(`${username}:${password}`).toString('base64'))
}

// What earlier steps logged in to stays valid. A credential store is left behind: what it holds is not in the file.
async function copyEarlierLogins(folder: string, { env }: Context): Promise<void> {
  const earlier = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '', '.docker')
  const file = join(earlier, 'config.json')
  const text = await readFile(file).catch(() => '{}')
  const { credsStore: _, ...kept } = parse(text, file)
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(kept)}\n`, { mode: 0o600 })
}

// Other spellings of its fields are copied as they are, and found where the copy is read.
function parse(text: Uint8Array | string, file: string): Readonly<Record<string, unknown>> {
  const value = tryParseJson(text, file, FREE_BELOW)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function named(host: string, error: unknown): unknown {
  if (!isWaybillError(error)) return error
  const { code, message, details, outcome, hint } = error
  return new WaybillError(code as `ERR_${string}`, `Input "credentials", ${host}: ${message}`, {
    hint: hint ?? 'Check the user, and that the secret is set and still valid.',
    details,
    outcome,
    cause: error,
  })
}
