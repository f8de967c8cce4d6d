// Parts that do not belong together: nothing of a part is taken on its word, and nothing beside it is passed over.
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { digestOf, isWaybillError, type Artifact, type MatrixCell } from '@waybill/core'
import { joinCells, type JoinOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { releaseOf } from '../helpers/compile.ts'
import { mutations, type Plan } from '../helpers/mutations.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('parts to be joined')
const definition = digestOf('the definition')

const artifactOf = (architecture: string): Artifact => ({
  kind: 'binary',
  name: 'hello',
  path: `linux-${architecture}/hello`,
  digest: digestOf(architecture),
  size: architecture.length,
  platform: `linux/${architecture}`,
  component: 'hello',
})

function writePart(folder: string, architecture: string, more: object = {}): string {
  const part = join(folder, `cell-${architecture}`)
  mkdirSync(join(part, `linux-${architecture}`), { recursive: true })
  writeFileSync(join(part, `linux-${architecture}/hello`), architecture)
  const releases = [releaseOf('hello')]
  const record = {
    schemaVersion: 1,
    definition,
    releases,
    artifacts: [artifactOf(architecture)],
    ...more,
  }
  writeFileSync(join(part, 'waybill.json'), JSON.stringify(record))
  return part
}

interface Scene {
  readonly folder: string
  readonly amd64: string
  readonly arm64: string
}

function parts(): Scene {
  const folder = temporaryFolder('parts')
  return { folder, amd64: writePart(folder, 'amd64'), arm64: writePart(folder, 'arm64') }
}

const cell = (architecture: string, required = true): MatrixCell => ({
  id: `hello-linux-${architecture}`,
  component: 'hello',
  binary: 'hello',
  toolchain: 'zig',
  platform: `linux/${architecture}`,
  required,
})

const options = (matrix = [cell('amd64'), cell('arm64', false)]): JoinOptions => ({
  out: temporaryFolder('out'),
  releases: [releaseOf('hello')],
  definition,
  matrix,
})

const release = releaseOf('hello')

const cases: Readonly<Record<string, readonly [(scene: Scene) => void, `ERR_${string}`, RegExp]>> =
  {
    'a part that is missing': [
      ({ amd64 }) => rmSync(amd64, { recursive: true }),
      'ERR_CELL_MISSING',
      /hello-linux-amd64/,
    ],
    'a part that is empty': [
      ({ amd64 }) => (rmSync(amd64, { recursive: true }), mkdirSync(amd64)),
      'ERR_CELL_MISSING',
      /hello-linux-amd64/,
    ],
    'a part without its record, of an optional cell': [
      ({ arm64 }) => unlinkSync(join(arm64, 'waybill.json')),
      'ERR_CELL_FOREIGN',
      /cell-arm64 has no waybill\.json/,
    ],
    'a part twice': [
      ({ folder, arm64 }) => cpSync(arm64, join(folder, 'again'), { recursive: true }),
      'ERR_CELL_TWICE',
      /linux-arm64\/hello is in .*again and in .*cell-arm64/,
    ],
    'a part of a cell that the plan does not have': [
      ({ folder }) => void writePart(folder, 's390x'),
      'ERR_CELL_FOREIGN',
      /cell-s390x holds linux-s390x\/hello, a binary for linux\/s390x, which no cell/,
    ],
    'a part of no release': [
      ({ folder }) => void writePart(folder, 'arm64', { releases: [] }),
      'ERR_CELL_FOREIGN',
      /cell-arm64 is of no release/,
    ],
    'a part of another commit': [
      ({ folder }) =>
        void writePart(folder, 'arm64', { releases: [{ ...release, commit: 'c'.repeat(40) }] }),
      'ERR_CELL_FOREIGN',
      /of commit c{40}; the plan has/,
    ],
    'a part of another version': [
      ({ folder }) =>
        void writePart(folder, 'arm64', { releases: [{ ...release, version: '9.9.9' }] }),
      'ERR_CELL_FOREIGN',
      /holds hello 9\.9\.9/,
    ],
    'a part of another tag': [
      ({ folder }) => void writePart(folder, 'arm64', { releases: [{ ...release, tag: 'other' }] }),
      'ERR_CELL_FOREIGN',
      /tag differs/,
    ],
    'a part of another time': [
      ({ folder }) => void writePart(folder, 'arm64', { releases: [{ ...release, created: 1 }] }),
      'ERR_CELL_FOREIGN',
      /created differs/,
    ],
    'a part of another component': [
      ({ folder }) =>
        void writePart(folder, 'arm64', { releases: [{ ...release, component: 'other' }] }),
      'ERR_CELL_FOREIGN',
      /no such component/,
    ],
    'a release beside the right one': [
      ({ folder }) =>
        void writePart(folder, 'arm64', {
          releases: [release, { ...release, component: 'other' }],
        }),
      'ERR_CELL_FOREIGN',
      /no such component/,
    ],
    'a part of another definition': [
      ({ folder }) => void writePart(folder, 'arm64', { definition: digestOf('other') }),
      'ERR_CELL_FOREIGN',
      /was built by the definition/,
    ],
    'an artifact of another component': [
      ({ folder }) =>
        void writePart(folder, 'arm64', {
          artifacts: [{ ...artifactOf('arm64'), component: 'other' }],
        }),
      'ERR_CELL_FOREIGN',
      /of other, which is not of its releases/,
    ],
    'an archive among the binaries': [
      ({ folder }) =>
        void writePart(folder, 'arm64', {
          artifacts: [{ ...artifactOf('arm64'), kind: 'archive' }],
        }),
      'ERR_CELL_FOREIGN',
      /an? archive for linux\/arm64/,
    ],
    'a file that the record does not list': [
      ({ arm64 }) => writeFileSync(join(arm64, 'extra'), ''),
      'ERR_CELL_FOREIGN',
      /cell-arm64 holds extra, which its waybill\.json does not list/,
    ],
    'a hidden file that the record does not list': [
      ({ arm64 }) => writeFileSync(join(arm64, 'linux-arm64/.x'), ''),
      'ERR_CELL_FOREIGN',
      /linux-arm64\/\.x/,
    ],
    'a file beside the parts': [
      ({ folder }) => writeFileSync(join(folder, 'notes.txt'), ''),
      'ERR_CELL_FOREIGN',
      /notes\.txt is not the folder of a cell/,
    ],
    'a folder beside the parts that holds something': [
      ({ folder }) => (mkdirSync(join(folder, 'logs')), writeFileSync(join(folder, 'logs/x'), '')),
      'ERR_CELL_FOREIGN',
      /logs has no waybill\.json/,
    ],
    'a file that was changed': [
      ({ arm64 }) => writeFileSync(join(arm64, 'linux-arm64/hello'), 'armed'),
      'ERR_DIGEST_MISMATCH',
      /cell-arm64\/linux-arm64\/hello: expected sha256:/,
    ],
    'a file that is gone': [
      ({ arm64 }) => unlinkSync(join(arm64, 'linux-arm64/hello')),
      'ERR_DIGEST_MISMATCH',
      /found no such file/,
    ],
    'another size in the record': [
      ({ folder }) =>
        void writePart(folder, 'arm64', { artifacts: [{ ...artifactOf('arm64'), size: 7 }] }),
      'ERR_DIGEST_MISMATCH',
      /expected 7 bytes of .*found 5 bytes/,
    ],
  }

for (const [name, [change, code, said]] of Object.entries(cases))
  test(`refuses ${name}, in one line, and writes nothing`, async () => {
    const scene = parts()
    change(scene)
    const given = options()
    const error = await rejects(joinCells(scene.folder, given), code)
    assert.match(error.message, said)
    assert.not.match(error.message, /\n/)
    assert.equal(readdirSync(given.out!), [])
  })

test('no field of a record can be left out, be of another type, or be put in beside the others', async () => {
  const { folder, arm64 } = parts()
  const file = join(arm64, 'waybill.json')
  const record = JSON.parse(readFileSync(file, 'utf8')) as Plan
  const other = JSON.parse(
    JSON.stringify(record)
      .replaceAll('arm64', 'riscv64')
      .replaceAll(/"created":\d+/g, '"created":5'),
  ) as Plan
  let count = 0
  for (const { what, plan } of mutations(record, other)) {
    count++
    writeFileSync(file, JSON.stringify(plan))
    const given = options()
    const ended: unknown = await joinCells(folder, given).catch((error: unknown) => error)
    assert.ok(isWaybillError(ended), `${what} was taken`)
    assert.match(ended.code, /^ERR_(?:INVALID_RECORD|CELL_FOREIGN|DIGEST_MISMATCH)$/, what)
    assert.equal(readdirSync(given.out!), [], what)
  }
  assert.ok(count > 60, `${count}`)
})

test.run()
