import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RegistryProcess } from './registry-process.ts'
import { temporaryFolder } from './temporary.ts'

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** Starts a real registry (`docker-registry` of Debian, or `registry` of distribution 3) in a process of its own, on disk. */
export async function startDockerRegistry(
  program: 'docker-registry' | 'registry' = 'docker-registry',
  options: {
    /** Lines of `user:bcrypt`; without any everybody may do everything. */ readonly users?: string
  } = {},
): Promise<RegistryProcess> {
  const folder = temporaryFolder('docker-registry')
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'config.yml')
  const passwords = join(folder, 'htpasswd')
  writeFileSync(
    config,
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${join(folder, 'data')} }, delete: { enabled: true } }
http: { addr: ${address} }
${options.users === undefined ? '' : `auth: { htpasswd: { realm: test, path: ${passwords} } }`}
`,
  )
  writeFileSync(passwords, options.users ?? '')
  return startServer(address, [program, 'serve', config])
}

/** Starts the registry that crane brings along, in memory. */
export async function startCrane(): Promise<RegistryProcess> {
  const address = `127.0.0.1:${await freePort()}`
  return startServer(address, ['crane', 'registry', 'serve', '--address', address])
}

async function startServer(
  address: string,
  [program, ...args]: readonly [string, ...string[]],
): Promise<RegistryProcess> {
  const child = spawn(program, args, { stdio: 'ignore' })
  const ended = new Promise((done) => child.once('exit', done))
  for (let tries = 0; !(await answers(address)); tries++) {
    if (tries > 200 || child.exitCode !== null)
      throw new Error(`${program} does not answer on ${address}`)
    await sleep(50)
  }
  return {
    address,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function answers(address: string): Promise<boolean> {
  return fetch(`http://${address}/v2/`).then(
    ({ ok, status }) => ok || status === 401,
    () => false,
  )
}
