import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { BIN } from './cli.ts'
import { temporaryFolder } from './temporary.ts'

const homes = temporaryFolder('login')

export interface Home {
  readonly env: Record<string, string>
  readonly file: string
  read(): Record<string, Record<string, unknown>>
}

/** A home of its own, where docker's configuration may be. */
export function home(config?: string): Home {
  const folder = mkdtempSync(join(homes, 'home-'))
  const file = join(folder, '.docker/config.json')
  if (config !== undefined) {
    mkdirSync(join(folder, '.docker'))
    writeFileSync(file, config, { mode: 0o644 })
  }
  const read = (): ReturnType<Home['read']> => JSON.parse(readFileSync(file, 'utf8')) as never
  return { env: { HOME: folder }, file, read }
}

export const credential = (username: string, password: string): string =>
  Buffer.from(`${username}:${password}`).toString('base64')

/** A registry that takes every credential, and does something before it answers. */
export async function slowRegistry(
  meanwhile: () => unknown = () => {},
): Promise<{ readonly address: string; close(): void }> {
  const server = createServer(async (_, reply) => {
    await meanwhile()
    reply.writeHead(200).end('{}')
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, close: () => server.close() }
}

/** Runs the command line, or another program, with something on its standard input. */
export function runWithInput(
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string>>,
  program?: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const [file, before] = program === undefined ? [process.execPath, [BIN]] : [program, []]
  const child = spawn(file, [...before, ...args], { env: { ...process.env, ...env } })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk))
  child.stdin.end(input)
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done({ code, output: Buffer.concat(output).toString() }))
  })
}

/** A file in which most that docker keeps is, laid out as no program does. */
export const WHOLE = `{
    "HttpHeaders": {"X-Meta": "kept",   "x-meta": "too"},
    "big": 12345678901234567890, "float": 1.0, "exp": 1E5,
    "auths": {
        "ghcr.io": {
            "auth": "eDp5", "email": "a\\u0040b"
        },
        "quay.io": {}
    },
    "credHelpers": {"gcr.io": "gcloud"},
    "plugins": {"-x-cli-plugins": {"hooks": "a", "Hooks": "b"}},
    "psFormat": "table {{.ID}}\\t{{.Image}}"
}
`
