import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archive, readArchive } from '@waybill/archive'
import { digestOf, type Artifact, type Release } from '@waybill/core'
import { median } from '../bench-pairs.ts'

const RUNS = 5
const LEVEL = 6

const release: Release = {
  component: 'bench',
  path: '.',
  version: '1.0.0',
  tag: 'v1.0.0',
  commit: '0'.repeat(40),
  created: 1_700_000_000,
}

/** `archive()` of a large binary (this Node) against `tar | gzip` of the same level, for one and two platforms. At most 1.0 times is wanted. */
export async function bench(): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), 'waybill-bench-archive-'))
  try {
    const binaries = await prepare(out)
    const megabytes = binaries[0]!.size / 1e6
    console.log(
      `a binary of ${megabytes.toFixed(0)} MB, level ${LEVEL}, median of ${RUNS}, in turn`,
    )
    for (const count of [1, 2]) await compare(out, binaries.slice(0, count))
    await readBack(join(out, 'node-one.tar.gz'), megabytes)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

async function prepare(out: string): Promise<Artifact[]> {
  const bytes = await readFile(process.execPath)
  const [digest, size] = [digestOf(bytes), bytes.byteLength]
  return ['one', 'two'].map((triple) => {
    mkdirSync(join(out, triple))
    copyFileSync(process.execPath, join(out, triple, 'node'))
    return { kind: 'binary', name: 'node', path: `${triple}/node`, digest, size, triple }
  })
}

async function compare(out: string, binaries: readonly Artifact[]): Promise<void> {
  const times: { peer: number[]; ours: number[] } = { peer: [], ours: [] }
  // All at the same time on both sides.
  const each = binaries.map(
    ({ triple }) => `tar -C ${triple} -cf - node | gzip -n -${LEVEL} > ${triple}.tar.gz &`,
  )
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now()
    const { status } = spawnSync('/bin/sh', ['-c', `${each.join('\n')}\nwait`], { cwd: out })
    if (status !== 0) throw new Error('tar | gzip failed')
    const between = performance.now()
    await archive(release, binaries, { out, level: LEVEL })
    times.peer.push(between - started)
    times.ours.push(performance.now() - between)
  }
  const [peer, ours] = [median(times.peer), median(times.ours)]
  const sizes = [`${binaries[0]!.triple}.tar.gz`, `node-${binaries[0]!.triple}.tar.gz`]
  const [theirs, mine] = sizes.map((name) => statSync(join(out, name)).size) as [number, number]
  console.log(
    `${binaries.length} at once   tar | gzip ${peer.toFixed(0)} ms   archive() ${ours.toFixed(0)} ms`,
  )
  console.log(
    `            ${(ours / peer).toFixed(2)} times the time (wanted: at most 1), ${(mine / theirs).toFixed(3)} times the bytes`,
  )
}

async function readBack(path: string, megabytes: number): Promise<void> {
  const started = performance.now()
  for await (const { content } of readArchive(path)) for await (const chunk of content) void chunk
  const ours = performance.now() - started
  const { status } = spawnSync('/bin/sh', ['-c', `tar -xzOf ${path} > /dev/null`])
  if (status !== 0) throw new Error('tar -x failed')
  const peer = performance.now() - started - ours
  const speed = (megabytes / ours) * 1000
  console.log(
    `reading     tar -xz ${peer.toFixed(0)} ms   readArchive() ${ours.toFixed(0)} ms (${speed.toFixed(0)} MB/s)   ${(ours / peer).toFixed(2)} times the time`,
  )
}
