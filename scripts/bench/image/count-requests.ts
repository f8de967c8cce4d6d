import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startProxy } from '@waybill/testkit'
import type { Work } from './job.ts'
import { plainEnvironment } from './plain-environment.ts'

/** How many requests the work takes at both registries together: from nothing, and again. */
export async function countRequests(
  work: Work,
  scriptFor: (work: Work) => string,
): Promise<{ readonly cold: number; readonly again: number }> {
  const proxies = await Promise.all(work.registries.map((target) => startProxy({ target })))
  const [first, second] = proxies.map(({ address }) => address)
  const base = work.base.replace(work.registries[0], first!)
  const script = scriptFor({ ...work, base, registries: [first!, second!] })
  const all = (): number => proxies.reduce((sum, { requests }) => sum + requests.length, 0)
  try {
    await run(script)
    const cold = all()
    await run(script)
    return { cold, again: all() - cold }
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()))
  }
}

async function run(script: string): Promise<void> {
  const child = spawn('/bin/sh', ['-ec', script], { stdio: 'ignore', env: plainEnvironment })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`exit ${code}: ${script}`)
}
