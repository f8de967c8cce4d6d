import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'

const EVERY = 4

/** Megabytes that the largest process of a script took at its most, looked up often while it runs (Linux keeps the highest mark itself). */
export async function peakMemory(script: string): Promise<number> {
  const child = spawn('/bin/sh', ['-ec', script], { stdio: 'ignore' })
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, ...family(child.pid!).map(highMark))
  }, EVERY)
  const [code] = await once(child, 'exit')
  clearInterval(timer)
  if (code !== 0) throw new Error(`exit ${code}: ${script}`)
  return most
}

function family(root: number): number[] {
  const found = [root]
  for (const pid of found) found.push(...childrenOf(pid))
  return found
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .map(Number)
        .filter(Boolean),
    )
  } catch {
    return [] // it has ended
  }
}

function highMark(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
