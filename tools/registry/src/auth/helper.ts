import { WaybillError, isWaybillError, parseJson, type Context } from '@waybill/core'
import { HELPER_SHAPE } from '../json-shapes.ts'
import type { Credential } from './credential.ts'
import { isRecord } from '../is-record.ts'

// What the helpers of docker-credential-helpers print when they have nothing, on either stream.
const NOTHING = /credentials not found|no credentials|not found in native keychain/i

/**
 * Asks a credential helper (`docker-credential-NAME get`) for a registry's credential; undefined when it has none.
 * @throws {ERR_CREDENTIAL_HELPER} when it fails or answers what cannot be read; what it printed to standard output is never shown.
 */
export async function askHelper(
  name: string,
  key: string,
  ctx: Pick<Context, 'env' | 'exec' | 'signal'>,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  if (!/^[\w.-]+$/.test(name)) throw failed(program, key, 'its name is not that of a program')
  const { env, signal } = ctx
  const okCodes = Array.from({ length: 256 }, (_, code) => code)
  const asked = ctx.exec(program, ['get'], { input: key, env, signal, okCodes })
  const result = await asked.catch((error: unknown) => {
    if (isWaybillError(error, 'ERR_CANCELLED')) throw error
    throw failed(program, key, 'it could not be run', error)
  })
  const output = Buffer.from(result.stdout).toString('utf8')
  if (result.exitCode !== 0) {
    // On a failure the message is on standard output: "credentials not found in native keychain".
    if (NOTHING.test(output) || NOTHING.test(result.stderr)) return undefined
    throw failed(program, key, `it ended with exit code ${result.exitCode}`)
  }
  return readAnswer(result.stdout, program, key)
}

function readAnswer(output: Uint8Array, program: string, key: string): Credential | undefined {
  let value: unknown
  try {
    value = parseJson(output, program, HELPER_SHAPE)
  } catch (error) {
    if (isWaybillError(error, 'ERR_AMBIGUOUS_JSON')) throw error
    throw failed(program, key, 'it answered what is not JSON')
  }
  if (!isRecord(value)) throw failed(program, key, 'it answered no object')
  const { Username: username, Secret: secret } = value
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw failed(program, key, 'its answer has no Username and Secret')
  if (username === '' && secret === '') return undefined
  if (username === '<token>') return { kind: 'refresh', token: secret }
  return { kind: 'password', username, password: secret }
}

function failed(program: string, key: string, why: string, cause?: unknown): WaybillError {
  return new WaybillError(
    'ERR_CREDENTIAL_HELPER',
    `${program}, asked for the credentials of ${key}: ${why}`,
    {
      hint: `Run \`echo ${key} | ${program} get\` to see what it says, or take it out of the docker configuration.`,
      outcome: 'unknown',
      details: { program, key },
      cause,
    },
  )
}
