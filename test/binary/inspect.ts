import { assertFloor, assertStatic, bytesReader, inspect, platformOf } from '@waybill/binary'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('inspect')

test('reads what the running Node is and needs', async () => {
  const facts = await inspect(process.execPath)
  assert.is(facts.format, 'elf')
  assert.is(facts.kind, 'executable')
  assert.is(platformOf(facts).architecture, process.arch === 'x64' ? 'amd64' : process.arch)
  assert.is(facts.linkage, 'dynamic')
  assert.is(facts.libc, 'glibc')
  assert.ok(facts.needed.includes('libc.so.6'))
  assert.match(facts.versions['GLIBC'] ?? '', /^2\.\d+$/)
})

test('names the library and the symbol version above a floor', async () => {
  const facts = await inspect(process.execPath)
  const error = await rejects(() => assertFloor(facts, '2.2'), 'ERR_ABOVE_FLOOR')
  assert.match(error.message, /GLIBC_2\.\d+ of libc\.so\.6/)
  assertFloor(facts, '9.0')
  await rejects(() => assertFloor(facts, 'new'), 'ERR_INVALID_FLOOR')
})

test('says what a dynamic program needs when a static one is expected', async () => {
  const facts = await inspect(process.execPath)
  const error = await rejects(() => assertStatic(facts, { name: 'node' }), 'ERR_NOT_STATIC')
  assert.match(error.message, /^node: .*ld-linux.*libc\.so\.6/)
})

test('refuses what is no binary, saying what it found', async () => {
  const error = await rejects(inspect(bytesReader(Buffer.from('#!/bin/sh\n'))), 'ERR_NOT_A_BINARY')
  assert.match(error.message, /a script/)
  await rejects(inspect(bytesReader(new Uint8Array())), 'ERR_NOT_A_BINARY')
  await rejects(inspect('/nowhere/at/all'), 'ERR_FILE_MISSING')
})

test('refuses a truncated binary', async () => {
  const whole = readFileSync('/bin/ls')
  const half = whole.subarray(0, whole.length / 2)
  await rejects(inspect(bytesReader(half), { name: 'half' }), 'ERR_INVALID_BINARY')
})

test('says what stands in the place of a file, without waiting for it', async () => {
  const folder = temporaryFolder()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const [path, found] of [
    [folder, 'a folder'],
    [pipe, 'a pipe'],
    ['/dev/null', 'a device'],
  ] as const) {
    const error = await rejects(inspect(path), 'ERR_NOT_A_FILE')
    assert.is(error.message, `${path}: expected a file, found ${found}`)
  }
})

test('says what to do about a file that is not there or is none of these', async () => {
  const missing = await rejects(inspect('nowhere'), 'ERR_FILE_MISSING')
  assert.match(missing.hint ?? '', /path/)
  const script = await rejects(inspect(bytesReader(Buffer.from('#!/bin/sh\n'))), 'ERR_NOT_A_BINARY')
  assert.match(script.hint ?? '', /compiled/)
})

test.run()
