import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gzip, hasZstd, readArchive, writeZip, zstd } from '@waybill/archive'
import { isWaybillError } from '@waybill/core'
import { bytesOf } from '../helpers/bytes.ts'
import { collectGarbage, peakMemory } from '../helpers/memory.ts'
import { createRandom, mutate } from '../helpers/mutate.ts'
import { resum, tarSeeds } from '../helpers/tar-seeds.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('readers fed with damaged and hostile archives')
const count = process.env['WAYBILL_FULL'] === '1' ? 200_000 : 4_000
const allowed = new Set([
  'ERR_INVALID_TAR',
  'ERR_INVALID_GZIP',
  'ERR_INVALID_ZIP',
  'ERR_INVALID_ZSTD',
  'ERR_UNKNOWN_ARCHIVE',
  'ERR_ZSTD_MISSING',
])

interface Seed {
  readonly kind: 'tar' | 'gz' | 'zip' | 'zst' | 'targz'
  readonly bytes: Buffer
}

async function createSeeds(): Promise<Seed[]> {
  const [tar, ...others] = (await tarSeeds()) as [Buffer, ...Buffer[]]
  const plain = [
    { path: 'd', type: 'directory' },
    { path: 'd/file', type: 'file', content: Buffer.from('some text '.repeat(80)) },
    { path: 'é', type: 'file', content: Buffer.from('more') },
  ] as const
  const seeds: Seed[] = [
    { kind: 'tar', bytes: tar },
    ...others.map((bytes): Seed => ({ kind: 'tar', bytes })),
    { kind: 'targz', bytes: tar },
    { kind: 'gz', bytes: await bytesOf(gzip([tar], { level: 6 })) },
    {
      kind: 'gz',
      bytes: Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    },
    { kind: 'zip', bytes: await bytesOf(writeZip(plain, { level: 6 })) },
  ]
  return hasZstd() ? [...seeds, { kind: 'zst', bytes: await bytesOf(zstd([tar])) }] : seeds
}

function change({ kind, bytes }: Seed, others: readonly Buffer[], seed: number): Buffer {
  const random = createRandom(seed)
  const changed = mutate(bytes, others, random)
  if (kind === 'targz') return gzipSync(resum(changed))
  return kind === 'tar' && random(4) > 0 ? resum(changed) : changed
}

const path = join(temporaryFolder('fuzz'), 'archive')

async function readAll(bytes: Buffer, asFile: boolean): Promise<string> {
  let total = 0
  if (asFile) writeFileSync(path, bytes)
  try {
    for await (const { content } of readArchive(asFile ? path : [bytes]))
      for await (const chunk of content) total += chunk.byteLength
    return `${total}`
  } catch (error) {
    if (isWaybillError(error) && allowed.has(error.code)) return error.code
    throw error
  }
}

test(`survive ${count} of them in little memory`, async () => {
  const seeds = await createSeeds()
  const others = seeds.map(({ bytes }) => bytes)
  const codes = new Map<string, number>()
  let before = 0
  for (let at = 0; at < count; at++) {
    const seed = seeds[at % seeds.length]!
    const bytes = change(seed, others, at)
    const answer = await Promise.race([readAll(bytes, seed.kind === 'zip'), stuck(at)]).catch(
      (error: unknown) => assert.unreachable(`mutation ${at}: ${String((error as Error).stack)}`),
    )
    codes.set(String(answer), (codes.get(String(answer)) ?? 0) + 1)
    if (at % 100 === 0) collectGarbage()
    if (at === 200) before = peakMemory()
  }
  const above = Math.round(peakMemory() - before)
  console.log(
    `${above} MB above`,
    Object.fromEntries([...codes].filter(([code]) => /ERR/.test(code))),
  )
  assert.ok(above <= 64, `${above} MB above the memory before`)
  // Enough of every kind, or the mutations test nothing.
  for (const code of ['ERR_INVALID_TAR', 'ERR_INVALID_GZIP', 'ERR_INVALID_ZIP'])
    assert.ok((codes.get(code) ?? 0) > count / 50, code)
  assert.ok(
    (codes.get('800') ?? 0) + (codes.get('812') ?? 0) + (codes.get('804') ?? 0) > count / 50,
  )
})

let timer: NodeJS.Timeout | undefined

function stuck(at: number): Promise<never> {
  clearTimeout(timer)
  return new Promise((_done, fail) => {
    timer = setTimeout(() => fail(new Error(`mutation ${at} hangs`)), 20_000)
    timer.unref()
  })
}

test.run()
