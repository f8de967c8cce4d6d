// Mutated binaries: `inspect` answers or throws ERR_INVALID_BINARY or ERR_NOT_A_BINARY, quickly and in little memory.
// 4,000 of them by default, 200,000 with WAYBILL_FULL=1. The seed makes every run the same.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isWaybillError } from '@waybill/core'
import { bytesReader, inspect } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { environment, folderOf } from '../helpers/compile.ts'
import { has } from '../helpers/needs.ts'

const test = suite('inspect mutated binaries')
const count = process.env['WAYBILL_FULL'] === '1' ? 200_000 : 4_000
const ODD = [0, 1, 0x7f, 0x80, 0xff]

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function seeds(): Buffer[] {
  const libc = readdirSync('/usr/lib', { encoding: 'utf8' })
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join('/usr/lib', name, 'libpthread.so.0'))
  const found = ['/bin/true', '/bin/ls', ...libc].flatMap((file) => {
    try {
      return [readFileSync(file)]
    } catch {
      return []
    }
  })
  return [...found, ...foreignSeeds()]
}

// PE and Mach-O from Go, where it is here; their headers are small, so little of the file is needed.
function foreignSeeds(): Buffer[] {
  if (!has('go')) return []
  const cwd = folderOf({
    'go.mod': 'module example.org/a\n\ngo 1.21\n',
    'main.go': 'package main\n\nfunc main() {}\n',
  })
  return ['windows', 'darwin'].map((GOOS) => {
    const env = { ...environment(), GOOS, GOARCH: 'amd64', CGO_ENABLED: '0' }
    execFileSync('go', ['build', '-o', GOOS, '.'], { cwd, env, stdio: 'pipe' })
    return readFileSync(join(cwd, GOOS))
  })
}

// Mostly where the headers are; the rest anywhere, and some files are cut short.
function mutate(original: Buffer, next: () => number): Buffer {
  const whole = Buffer.from(original.subarray(0, 512 * 1024))
  const bytes = next() < 0.1 ? whole.subarray(0, Math.floor(next() * whole.length)) : whole
  const changes = 1 + Math.floor(next() * 8)
  for (let change = 0; change < changes && bytes.length > 0; change++) {
    const reach = next() < 0.7 ? Math.min(4096, bytes.length) : bytes.length
    const at = Math.floor(next() * reach)
    bytes[at] = next() < 0.5 ? ODD[Math.floor(next() * ODD.length)]! : Math.floor(next() * 256)
  }
  return bytes
}

test(`${count} of them: no crash, no hang, little memory`, async () => {
  const originals = seeds()
  const next = random(20_261_121)
  globalThis.gc?.()
  let [slowest, refused, highest] = [0, 0, 0]
  const before = process.memoryUsage.rss()
  for (let index = 0; index < count; index++) {
    const bytes = mutate(originals[index % originals.length]!, next)
    const started = performance.now()
    try {
      await inspect(bytesReader(bytes))
    } catch (error) {
      const expected =
        isWaybillError(error, 'ERR_INVALID_BINARY') || isWaybillError(error, 'ERR_NOT_A_BINARY')
      if (!expected) throw error
      refused++
    }
    slowest = Math.max(slowest, performance.now() - started)
    if (index % 100 === 0) highest = Math.max(highest, process.memoryUsage.rss())
  }
  const more = Math.round((highest - before) / 1024 / 1024)
  console.log(`     ${refused} refused, the slowest took ${slowest.toFixed(0)} ms, ${more} MB more`)
  assert.ok(refused > 0 && refused < count)
  assert.ok(more < 64, `${more} MB more than before`)
})

test.run()
