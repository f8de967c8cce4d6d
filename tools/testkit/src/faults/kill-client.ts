import { readdir, readFile, readlink } from 'node:fs/promises'
import type { RegistryRequest } from '../message.ts'
import type { Fault } from './fault.ts'

/**
 * Ends the client of a request as `kill -9` does: what the fault says, or the process that holds the connection's other end
 * (found on Linux, on the same machine). A client in this very process is spared; the broken connection must do.
 */
export async function killClient(request: RegistryRequest, fault: Fault): Promise<void> {
  if (fault.onKill !== undefined) return void (await fault.onKill(request))
  const pid = fault.value ?? (await clientOf(request.peerPort ?? 0))
  if (pid === undefined || pid === process.pid) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

// A port may be in use towards several others at once: the connection is the one whose other end this very process holds.
async function clientOf(port: number): Promise<number | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(linesOf))
  const ends = tables.flat().map(endOf)
  const own = new Set(await socketsOf('self'))
  const client = ends.find(({ local, remote }) => {
    const isOurs = (other: End): boolean => other.local === remote && own.has(other.socket)
    return local === port && ends.some((other) => other.remote === port && isOurs(other))
  })
  return client === undefined ? undefined : holderOf(client.socket)
}

interface End {
  readonly local: number
  readonly remote: number
  readonly socket: string
}

const portOf = (address: string): number => Number.parseInt(address.split(':').at(-1) ?? '', 16)

// sl local_address rem_address st … inode: proc(5), /proc/net/tcp.
function endOf(line: string): End {
  const [, local = '', remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/)
  return { local: portOf(local), remote: portOf(remote), socket: `socket:[${inode}]` }
}

async function socketsOf(pid: string): Promise<readonly string[]> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  return Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
}

async function holderOf(socket: string): Promise<number | undefined> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const holds = await Promise.all(processes.map((pid) => hasOpen(`/proc/${pid}/fd`, socket)))
  const holder = processes.find((_, at) => holds[at])
  return holder === undefined ? undefined : Number(holder)
}

async function hasOpen(folder: string, target: string): Promise<boolean> {
  const files = await readdir(folder).catch(() => [])
  const open = await Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => '')))
  return open.includes(target)
}

async function linesOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').slice(1)
}
