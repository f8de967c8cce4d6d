import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { digestOf, type Artifact, type MatrixCell } from '@waybill/core'
import { joinCells, type BuildRecord, type JoinOptions } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { releaseOf } from '../helpers/compile.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('joinCells')
const release = releaseOf('hello')
const definition = digestOf('the definition')

const artifactOf = (architecture: string, binary = 'hello'): Artifact => ({
  kind: 'binary',
  name: binary,
  path: `linux-${architecture}/${binary}`,
  digest: digestOf(architecture),
  size: architecture.length,
  platform: `linux/${architecture}`,
  component: 'hello',
})

/** What a cell leaves behind, as an artifact store gives it back: without the executable bit. */
function writePart(folder: string, architecture: string, more: Partial<BuildRecord> = {}): void {
  const part = join(folder, `cell-${architecture}`)
  mkdirSync(join(part, `linux-${architecture}`), { recursive: true })
  writeFileSync(join(part, `linux-${architecture}/hello`), architecture)
  chmodSync(join(part, `linux-${architecture}/hello`), 0o644)
  const artifacts = [artifactOf(architecture)]
  const record = { schemaVersion: 1, definition, releases: [release], artifacts, ...more }
  writeFileSync(join(part, 'waybill.json'), JSON.stringify(record))
}

function partsOf(more: Partial<BuildRecord> = {}): string {
  const folder = temporaryFolder('cells')
  writePart(folder, 'amd64')
  writePart(folder, 'arm64', more)
  return folder
}

const cell = (architecture: string, more: Partial<MatrixCell> = {}): MatrixCell => ({
  id: `hello-linux-${architecture}`,
  component: 'hello',
  binary: 'hello',
  toolchain: 'zig',
  platform: `linux/${architecture}`,
  required: true,
  ...more,
})

const options = (matrix: readonly MatrixCell[] = [cell('amd64'), cell('arm64')]): JoinOptions => ({
  out: temporaryFolder('out'),
  releases: [release],
  definition,
  matrix,
})

/** Joining is refused and nothing is written. */
async function refuses(folder: string, given: JoinOptions, code: `ERR_${string}`): Promise<Error> {
  const error = await rejects(joinCells(folder, given), code)
  assert.equal(readdirSync(given.out!), [], code)
  return error
}

test('joins cells and restores the executable bit', async () => {
  const given = options([cell('amd64'), cell('arm64'), cell('riscv64', { required: false })])
  const artifacts = await joinCells(partsOf(), given)
  assert.equal(
    artifacts.map(({ path }) => path),
    ['linux-amd64/hello', 'linux-arm64/hello'],
  )
  assert.is(statSync(join(given.out!, 'linux-arm64/hello')).mode & 0o777, 0o755)
})

function withCompilerCache(compilerCache: unknown): string {
  const folder = partsOf()
  const file = join(folder, 'cell-amd64/waybill.json')
  const record = JSON.parse(readFileSync(file, 'utf8')) as { artifacts: object[] }
  const artifacts = record.artifacts.map((artifact) => ({ ...artifact, compilerCache }))
  writeFileSync(file, JSON.stringify({ ...record, artifacts }))
  return folder
}

test('keeps where the cache of a compiler came from, and refuses what is no such place', async () => {
  for (const place of ['restored', 'environment']) {
    const [first] = await joinCells(withCompilerCache(place), options())
    assert.is(first!.compilerCache, place)
  }
  for (const place of ['', 'elsewhere', null, 1])
    await refuses(withCompilerCache(place), options(), 'ERR_INVALID_RECORD')
})

test('names every required part that is missing', async () => {
  const given = options([cell('amd64'), cell('arm64'), cell('s390x'), cell('riscv64')])
  const error = await refuses(partsOf(), given, 'ERR_CELL_MISSING')
  assert.match(error.message, 'hello-linux-s390x, hello-linux-riscv64')
})

test('tells two binaries of a component and platform apart', async () => {
  const tool = cell('amd64', { id: 'hello-tool', binary: 'tool' })
  const given = options([cell('amd64'), cell('arm64'), tool])
  const error = await refuses(partsOf(), given, 'ERR_CELL_MISSING')
  assert.match(error.message, /: hello-tool$/)
})

test('refuses a part of another commit or version, naming both', async () => {
  const commit = 'b'.repeat(40)
  const folder = partsOf({ releases: [{ ...release, commit }] })
  const error = await refuses(folder, options(), 'ERR_CELL_FOREIGN')
  assert.match(error.message, `cell-arm64 holds hello 1.2.3 of commit ${commit}`)
  assert.match(error.message, `the plan has 1.2.3 of commit ${release.commit}`)
})

test('refuses a part of another definition, naming both', async () => {
  const other = digestOf('another definition')
  const error = await refuses(partsOf({ definition: other }), options(), 'ERR_CELL_FOREIGN')
  assert.match(error.message, `cell-arm64 was built by the definition ${other}`)
  assert.match(error.message, `the plan's is ${definition}`)
})

test('refuses a part that was changed or lost its file', async () => {
  const changed = partsOf()
  writeFileSync(join(changed, 'cell-arm64/linux-arm64/hello'), 'other')
  await refuses(changed, options(), 'ERR_DIGEST_MISMATCH')
  const lost = partsOf({ artifacts: [artifactOf('s390x')] })
  await refuses(lost, options([cell('amd64'), cell('s390x')]), 'ERR_DIGEST_MISMATCH')
})

test('refuses two parts that hold different files of one path', async () => {
  const folder = partsOf({ artifacts: [{ ...artifactOf('amd64'), digest: digestOf('arm64') }] })
  const error = await refuses(folder, options([cell('amd64')]), 'ERR_DIGEST_MISMATCH')
  assert.match(error.message, /linux-amd64\/hello: .*cell-amd64, .*cell-arm64/)
})

test('takes no file from outside its part', async () => {
  for (const path of ['../../secret', '/etc/passwd', 'a/../../b', '..', 'a\\b']) {
    const folder = partsOf({ artifacts: [{ ...artifactOf('arm64'), path }] })
    await refuses(folder, options(), 'ERR_INVALID_RECORD')
  }
})

test('refuses records that are none, and says which', async () => {
  const records = ['[]', '{}', '{"schemaVersion":2}', JSON.stringify({ schemaVersion: 1 })]
  for (const text of records) {
    const folder = partsOf()
    writeFileSync(join(folder, 'cell-arm64/waybill.json'), text)
    const error = await refuses(folder, options(), 'ERR_INVALID_RECORD')
    assert.match(error.message, 'cell-arm64/waybill.json')
  }
  const broken = partsOf()
  writeFileSync(join(broken, 'cell-arm64/waybill.json'), '{"schemaVersion":1')
  await refuses(broken, options(), 'ERR_INVALID_JSON')
})

test('takes no folder at all for no parts, a file for a mistake, and passes over an empty folder', async () => {
  const given = options()
  await refuses(join(given.out!, 'nowhere'), given, 'ERR_CELL_MISSING')
  const folder = partsOf()
  await refuses(join(folder, 'cell-arm64/waybill.json'), given, 'ERR_NOT_READABLE')
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, '.listing'), '')
  await joinCells(folder, given)
  assert.ok(existsSync(join(given.out!, 'linux-amd64/hello')))
})

test.run()
