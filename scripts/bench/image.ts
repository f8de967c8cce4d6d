import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repository } from '@waybill/registry'
import { median } from '../bench-pairs.ts'
import { pushBase } from './image/base.ts'
import { contenders, layoutScript, type Contender } from './image/contenders.ts'
import { countRequests } from './image/count-requests.ts'
import { startRegistries } from './image/docker-registries.ts'
import { TAGS, type Job, type Work } from './image/job.ts'
import { makeBinaries, makeReleased } from './image/material.ts'
import { peakMemory } from './image/peak-memory.ts'
import { environmentNote, plainEnvironment } from './image/plain-environment.ts'

const RUNS = 7

/**
 * One release (two binaries, a base, an index, five tags in each of two registries) as whole processes, from nothing and again with nothing
 * to do. `npm run bench -- image crane waybill`: only those of these names. Against crane at most 0.6 of the time from nothing and 0.4 again are wanted.
 */
export async function bench(words: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-image-'))
  const registries = await startRegistries(folder)
  try {
    const work = await prepare(folder, registries.addresses)
    const present = contenders.filter((one) => isAsked(one, words) && isHere(one))
    const taken = present.map((contender) => ({ contender, cold: [], again: [] }) as Taken)
    for (let run = 0; run < RUNS; run++)
      for (const one of taken) runOnce(one, jobOf(work, `${one.contender.name}-${run}`))
    console.log(`medians of ${RUNS} in turn; times of crane's in brackets${environmentNote}`)
    for (const one of taken) await report(one, taken[0]!, work)
  } finally {
    await registries.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function prepare(folder: string, registries: Work['registries']): Promise<Work> {
  const binaries = makeBinaries(folder)
  const released = await makeReleased(folder, binaries)
  const base = await pushBase(registries[0])
  const work = { folder, binaries, released, base, registries, layout: join(folder, 'layout') }
  shell(layoutScript(work))
  return work
}

const isAsked = ({ name }: Contender, words: readonly string[]): boolean =>
  words.length === 0 || words.some((word) => name.includes(word))

function isHere({ name, needs }: Contender): boolean {
  const missing = needs.find((probe) => spawnSync('/bin/sh', ['-c', probe]).status !== 0)
  if (missing !== undefined) console.log(`${name}: skipped, \`${missing}\` fails`)
  return missing === undefined
}

function jobOf(work: Work, name: string): Job {
  const path = name.replaceAll(/[^a-z0-9]+/g, '-')
  const [first, second] = work.registries
  const folder = join(work.folder, 'jobs', path)
  mkdirSync(folder, { recursive: true })
  return { ...work, folder, repositories: [`${first}/bench/${path}`, `${second}/bench/${path}`] }
}

/** Milliseconds of a contender's runs. */
interface Taken {
  readonly contender: Contender
  readonly cold: number[]
  readonly again: number[]
}

function runOnce({ contender, cold, again }: Taken, job: Job): void {
  const script = contender.script(job)
  cold.push(shell(script))
  again.push(shell(script))
  rmSync(job.folder, { recursive: true, force: true })
}

function shell(script: string): number {
  const started = performance.now()
  const { status, stderr } = spawnSync('/bin/sh', ['-ec', script], {
    encoding: 'utf8',
    env: plainEnvironment,
  })
  if (status !== 0) throw new Error(`exit ${status}: ${script}\n${stderr}`)
  return performance.now() - started
}

async function report({ contender, cold, again }: Taken, first: Taken, work: Work): Promise<void> {
  const job = jobOf(work, `${contender.name}-memory`)
  const memory = await peakMemory(contender.script(job))
  const digests = await digestsOf(job)
  const counting = (through: Work): string =>
    contender.script(jobOf(through, `${contender.name}-requests`))
  const requests = await countRequests(work, counting)
  const row = [
    contender.name.padEnd(21),
    `from nothing ${against(cold, first.cold)}`,
    `again ${against(again, first.again)}`,
    `${memory.toFixed(0)} MB`,
    `${requests.cold} and ${requests.again} requests`,
    `ten tags: ${digests} digest${digests === 1 ? '' : 's'}`,
  ]
  console.log(`${row.join('   ')}\n  ${contender.note}`)
}

async function digestsOf({ repositories }: Job): Promise<number> {
  const tags = repositories.flatMap((name) => TAGS.map((tag) => repository(name).resolve(tag)))
  return new Set((await Promise.all(tags)).map(({ digest }) => digest)).size
}

function against(own: readonly number[], other: readonly number[]): string {
  const [time, times] = [median(own), median(own) / median(other)]
  return `${(time / 1000).toFixed(2)} s (${times.toFixed(2)})`
}
