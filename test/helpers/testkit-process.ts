import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A testkit registry in a process of its own, to be killed or measured. */
export interface TestkitProcess {
  readonly address: string
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>
  /** The most memory it ever had, in bytes. */
  peak(): number
}

const MODULE = import.meta.resolve('@waybill/testkit')

/** Starts a registry with `root`; `before` is a shell command that is run first, in a mount namespace of its own. */
export async function startTestkit(root: string, before?: string): Promise<TestkitProcess> {
  const code = `const { startRegistry } = await import(${JSON.stringify(MODULE)})
    console.log((await startRegistry({ root: ${JSON.stringify(root)}, keep: 0 })).address)`
  const node = [process.execPath, '--input-type=module', '-e', code]
  const shell = ['unshare', '-rm', 'sh', '-c', `${before} && exec "$@"`, 'sh', ...node]
  const [program = '', ...args] = before === undefined ? node : shell
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = once(createInterface({ input: child.stdout }), 'line')
  const [address] = (await Promise.race([line, ended])) as [unknown]
  if (typeof address !== 'string') throw new Error('the registry did not start')
  return {
    address,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    peak() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024
    },
  }
}
