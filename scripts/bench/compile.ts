// `inspect` of a binary of 100 MB against readelf, `compile` of an unchanged source against building it, and a Go service against goreleaser.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, truncateSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from '@waybill/binary'
import { compile, zig } from '@waybill/compile'
import type { Release } from '@waybill/core'
import { benchGoreleaser } from '../bench-goreleaser.ts'
import { median } from '../bench-pairs.ts'

const root = resolve(import.meta.dirname, '../../..')
const RUNS = 7
const MEGABYTE = 1024 * 1024

async function medianTime(work: () => unknown): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return median(times)
}

const row = (name: string, milliseconds: number, more = ''): void =>
  console.log(`${name.padEnd(44)} ${milliseconds.toFixed(1).padStart(9)} ms  ${more}`)

async function benchInspect(folder: string): Promise<void> {
  const file = join(folder, 'large')
  copyFileSync(process.execPath, file)
  truncateSync(file, 100 * MEGABYTE)
  const before = process.memoryUsage.rss()
  const ours = await medianTime(() => inspect(file))
  const memory = (process.memoryUsage.rss() - before) / MEGABYTE
  const args = ['-W', '-h', '-l', '-d', '-n', '-V', file]
  const theirs = await medianTime(() => execFileSync('readelf', args, { stdio: 'ignore' }))
  row(
    'inspect, 100 MB',
    ours,
    `${memory.toFixed(1)} MB more; ${(ours / theirs).toFixed(2)} of readelf`,
  )
  row('readelf, 100 MB (with its start)', theirs)
}

async function benchCompile(folder: string): Promise<void> {
  const cwd = join(folder, 'hello')
  cpSync(join(root, 'docs/examples/hello/services/hello'), cwd, { recursive: true })
  const commit = 'a'.repeat(40)
  const created = 1_700_000_000
  const release: Release = {
    component: 'hello',
    path: '.',
    version: '1.2.3',
    tag: 'v1.2.3',
    commit,
    created,
  }
  const env = { ...process.env, PATH: `${root}/node_modules/.bin:${process.env['PATH']}` }
  const options = { cwd, env, platforms: ['linux/amd64', 'linux/arm64'] }
  const toolchain = zig({ binary: 'hello', versionDefine: 'VERSION' })
  await compile(release, toolchain, options)
  const warm = await medianTime(() => compile(release, toolchain, options))
  const built = await medianTime(() => compile(release, toolchain, { ...options, cache: false }))
  row('compile of two targets, unchanged source', warm, `${(warm / built).toFixed(2)} of building`)
  row('compile of two targets, built', built)
}

/** Prints a table of times and ratios. */
export async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'))
  try {
    await benchInspect(folder)
    await benchCompile(folder)
    benchGoreleaser(join(folder, 'clock'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
