import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDeb, unxz } from '@waybill/debian'
import { isWaybillError } from '@waybill/core'
import { bytesOf } from '../helpers/bytes.ts'
import { createDeb, xz, type TestPackage } from '../helpers/debian-mirror.ts'
import { collectGarbage, peakMemory } from '../helpers/memory.ts'
import { createRandom, mutate } from '../helpers/mutate.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('readers of packages fed with damaged and hostile files')
const count = process.env['WAYBILL_FULL'] === '1' ? 50_000 : 1_500
const allowed = new Set([
  'ERR_INVALID_DEB',
  'ERR_INVALID_TAR',
  'ERR_INVALID_XZ',
  'ERR_INVALID_GZIP',
])

// LZMA2 with real matches, as xz itself writes it: 'hello '.repeat(40).
const COMPRESSED = Buffer.from(
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4ADvAAxdADQZSe6N6V5tUS8AAACeUJR9AAEk8AEAAADFpOCvPjANiwIAAAAAAVla',
  'base64',
)

const one: TestPackage = {
  name: 'libc6',
  version: '2.41',
  files: [
    { path: 'usr', type: 'directory' },
    { path: 'usr/file', type: 'file', content: Buffer.from('content '.repeat(100)) },
  ],
}

const path = join(temporaryFolder('fuzz'), 'package.deb')

async function read(bytes: Buffer, deb: boolean): Promise<string> {
  try {
    if (!deb) return `${(await bytesOf(unxz([bytes], 'fuzz'))).byteLength}`
    writeFileSync(path, bytes)
    for (const part of ['control', 'data'] as const)
      for await (const { content } of readDeb(path, part)) await bytesOf(content)
    return 'whole'
  } catch (error) {
    if (isWaybillError(error) && allowed.has(error.code)) return error.code
    throw error
  }
}

test(`survive ${count} of them in little memory`, async () => {
  const debs = await Promise.all(
    (['xz', 'gz', 'none'] as const).map((compression) => createDeb({ ...one, compression })),
  )
  const seeds = [...debs, xz(Buffer.from('stored '.repeat(50))), COMPRESSED]
  const answers = new Map<string, number>()
  let before = 0
  for (let at = 0; at < count; at++) {
    const kind = at % seeds.length
    const bytes = mutate(seeds[kind]!, seeds, createRandom(at))
    const answer = await read(bytes, kind < debs.length).catch((error: unknown) =>
      assert.unreachable(`mutation ${at}: ${String((error as Error).stack)}`),
    )
    answers.set(String(answer), (answers.get(String(answer)) ?? 0) + 1)
    if (at % 50 === 0) collectGarbage()
    if (at === 200) before = peakMemory()
  }
  const above = Math.round(peakMemory() - before)
  console.log(`${above} MB above`, Object.fromEntries(answers))
  assert.ok(above <= 64, `${above} MB above the memory before`)
  for (const code of allowed) assert.ok((answers.get(code) ?? 0) > 0, code)
  assert.ok((answers.get('whole') ?? 0) > 0)
})

test.run()
