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

async function clientOf(port: number): Promise<number | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(linesOf))
  const inode = tables
    .flat()
    .map((line) => inodeOn(line, port))
    .find((found) => found !== undefined)
  return inode === undefined ? undefined : holderOf(`socket:[${inode}]`)
}

// sl local_address rem_address st … inode: proc(5), /proc/net/tcp. The client's local port is our peer's.
function inodeOn(line: string, port: number): string | undefined {
  const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
  const established = state === '01'
  return established && Number.parseInt(local.split(':').at(-1) ?? '', 16) === port
    ? inode
    : undefined
}

async function holderOf(socket: string): Promise<number | undefined> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of processes) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) {
      if ((await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')) === socket) return Number(pid)
    }
  }
  return undefined
}

async function linesOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').slice(1)
}
