import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './docker-registry.ts'
import { temporaryFolder } from './temporary.ts'

/** A real npm registry on loopback, and a configuration of npm that knows a user there. */
export interface NpmRegistry {
  readonly address: string
  /** The line of a configuration that logs the user in. */
  readonly credential: string
  /** Variables that make npm use it: as the user, or as nobody. */
  env(who?: 'user' | 'nobody'): Readonly<Record<string, string | undefined>>
  stop(): Promise<void>
}

/** Starts `verdaccio` in a process of its own, on disk. */
export async function startNpmRegistry(): Promise<NpmRegistry> {
  const folder = temporaryFolder('npm-registry')
  const host = `127.0.0.1:${await freePort()}`
  const address = `http://${host}/`
  writeFileSync(join(folder, 'config.yaml'), configuration(folder))
  const words = ['--config', join(folder, 'config.yaml'), '--listen', host]
  const child = spawn('verdaccio', words, { stdio: 'ignore', cwd: folder })
  const ended = new Promise((done) => child.once('exit', done))
  for (let tries = 0; !(await answers(address)); tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error(`verdaccio: ${child.exitCode}`)
    await sleep(50)
  }
  const token = await register(address)
  const start = `registry=${address}\ncache=${join(folder, 'cache')}\nupdate-notifier=false\n`
  writeFileSync(join(folder, 'nobody'), start)
  const credential = `//${host}/:_authToken=${token}\n`
  writeFileSync(join(folder, 'user'), start + credential)
  return {
    address,
    credential,
    env: (who = 'user') => ({
      PATH: process.env['PATH'],
      HOME: folder,
      NPM_CONFIG_USERCONFIG: join(folder, who),
    }),
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const configuration = (folder: string): string => `storage: ${join(folder, 'storage')}
auth: { htpasswd: { file: ${join(folder, 'htpasswd')}, max_users: 10 } }
packages: { '**': { access: $all, publish: $authenticated, unpublish: $authenticated } }
log: { type: stdout, format: json, level: fatal }
`

async function answers(address: string): Promise<boolean> {
  return fetch(`${address}-/ping`).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function register(address: string): Promise<string> {
  const response = await fetch(`${address}-/user/org.couchdb.user:user`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'user', password: 'a password of a test' }),
  })
  const { token } = (await response.json()) as { token: string }
  return token
}
