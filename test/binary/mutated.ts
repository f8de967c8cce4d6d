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
import { collectGarbage, peakMemory } from '../helpers/memory.ts'
import { createRandom } from '../helpers/mutate.ts'
import { has } from '../helpers/needs.ts'

const test = suite('inspect mutated binaries')
const count = process.env['WAYBILL_FULL'] === '1' ? 200_000 : 4_000
const ODD = [0, 1, 0x7f, 0x80, 0xff]

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

// One room for all: what is measured is the memory of `inspect`, not that of two hundred thousand copies.
const room = Buffer.alloc(512 * 1024)

// Mostly where the headers are; the rest anywhere, and some files are cut short.
function mutate(original: Buffer, random: (limit: number) => number): Buffer {
  const whole = room.subarray(0, original.copy(room))
  const bytes = random(10) === 0 ? whole.subarray(0, random(whole.length)) : whole
  for (let changes = 1 + random(8); changes > 0 && bytes.length > 0; changes--) {
    const reach = random(10) < 7 ? Math.min(4096, bytes.length) : bytes.length
    bytes[random(reach)] = random(2) === 0 ? ODD[random(ODD.length)]! : random(256)
  }
  return bytes
}

test(`${count} of them: no crash, no hang, little memory`, async () => {
  const originals = seeds()
  const random = createRandom(20_261_121)
  let [slowest, refused, before] = [0, 0, 0]
  for (let index = 0; index < count; index++) {
    const bytes = mutate(originals[index % originals.length]!, random)
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
    if (index % 100 === 0) collectGarbage()
    if (index === 200) before = peakMemory()
  }
  const more = Math.round(peakMemory() - before)
  console.log(`     ${refused} refused, the slowest took ${slowest.toFixed(0)} ms, ${more} MB more`)
  assert.ok(refused > 0 && refused < count)
  assert.ok(more <= 64, `${more} MB more than before`)
})

test.run()
