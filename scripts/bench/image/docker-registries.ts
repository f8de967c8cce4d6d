import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Registries {
  readonly addresses: readonly [string, string]
  stop(): Promise<void>
}

/** Starts two docker-registry processes on loopback, each with a folder of its own. */
export async function startRegistries(folder: string): Promise<Registries> {
  const [first, second] = [await start(join(folder, 'one')), await start(join(folder, 'two'))]
  return {
    addresses: [first.address, second.address],
    stop: async () => {
      for (const { child } of [first, second]) {
        child.kill()
        if (child.exitCode === null) await once(child, 'exit')
      }
    },
  }
}

async function start(folder: string): Promise<{ address: string; child: ChildProcess }> {
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'config.yml')
  mkdirSync(folder)
  writeFileSync(
    config,
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${folder} } }
http: { addr: ${address} }
`,
  )
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
  for (let tries = 0; !(await answers(address)); tries++) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`no docker-registry on ${address}`)
    await sleep(50)
  }
  return { address, child }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const answers = (address: string): Promise<boolean> =>
  fetch(`http://${address}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  )
