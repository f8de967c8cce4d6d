import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTar } from '@waybill/archive'
import { isWaybillError } from '@waybill/core'
import { testWith } from '../helpers/needs.ts'
import { createRandom, mutate } from '../helpers/mutate.ts'
import { resum, tarSeeds } from '../helpers/tar-seeds.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('readTar beside the reader of the container runtimes')
const count = process.env['WAYBILL_FULL'] === '1' ? 200_000 : 8_000
const source = resolve(import.meta.dirname, '../../fixtures/tar-oracle/main.go')

interface Member {
  readonly path: string
  readonly type: string
  readonly linkname: string
  readonly size: number
  readonly digest: string
}

const TYPES: Readonly<Record<string, string>> = {
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
}

async function list(bytes: Buffer): Promise<Member[] | undefined> {
  const found: Member[] = []
  try {
    for await (const { path, type, size, linkname = '', content } of readTar([bytes])) {
      const hash = createHash('sha256')
      for await (const chunk of content) hash.update(chunk)
      found.push({ path, type, linkname, size, digest: hash.digest('hex') })
    }
    return found
  } catch (error) {
    if (isWaybillError(error, 'ERR_INVALID_TAR')) return undefined
    throw error
  }
}

function asOurs(member: Member): Member {
  const path = member.path.replace(/(?<=.)\/+$/, '')
  const type = TYPES[member.type] ?? member.type
  const link = type === 'symlink' || type === 'hardlink'
  return { ...member, path: path === '' ? '/' : path, type, linkname: link ? member.linkname : '' }
}

function askGo(archives: readonly Buffer[]): { members: Member[]; failure: string }[] {
  const folder = temporaryFolder('oracle')
  copyFileSync(source, join(folder, 'main.go'))
  execFileSync('go', ['build', '-o', 'oracle', 'main.go'], { cwd: folder, stdio: 'pipe' })
  const framed = archives.flatMap((archive) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(archive.byteLength)
    return [length, archive]
  })
  writeFileSync(join(folder, 'in'), Buffer.concat(framed))
  execFileSync('/bin/sh', ['-c', './oracle < in > out'], { cwd: folder })
  const lines = readFileSync(join(folder, 'out'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as { members: Member[]; failure: string })
}

testWith(test, ['go'], 'sees the same members wherever it accepts an archive', async () => {
  const seeds = await tarSeeds()
  let accepted = 0
  for (let start = 0; start < count; start += 8000) {
    const archives = Array.from({ length: Math.min(8000, count - start) }, (_, index) => {
      const random = createRandom(start + index)
      const changed = mutate(seeds[index % seeds.length]!, seeds, random)
      return random(8) > 0 ? resum(changed) : changed
    })
    const theirs = askGo(archives)
    assert.is(theirs.length, archives.length)
    for (const [index, archive] of archives.entries()) {
      const ours = await list(archive)
      if (ours === undefined) continue
      accepted++
      const { members, failure } = theirs[index]!
      assert.is(failure, '', `mutation ${start + index}: Go refuses what we accept`)
      assert.equal(ours, members.map(asOurs), `mutation ${start + index}`)
    }
  }
  console.log(`${accepted} of ${count} accepted`)
  assert.ok(accepted > count / 50)
})

test.run()
