// A matrix that fans out: every cell is built alone in a clone of its own, its folder goes through an artifact store, and `--join` collects them.
import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { MatrixCell, ReleasePlan } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill } from '../helpers/cli.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

const test = suite('cells of a matrix')
const DEFINITION = `schemaVersion: 1
components:
  app:
    path: .
    tag: "v{version}"
    builds:
      - { toolchain: prebuilt, binary: app, from: "bin/{platform}", platforms: [linux/amd64, linux/arm64] }
      - { toolchain: prebuilt, binary: tool, from: "bin/{platform}", platforms: [linux/amd64] }
      - { toolchain: prebuilt, binary: extra, from: "bin/{platform}", platforms: [linux/riscv64], optional: true }
`

function repository(definition = DEFINITION): TestRepository {
  const made = createRepository()
  const files = {
    'waybill.yaml': definition,
    '.gitignore': 'dist\n.waybill\n',
    'bin/linux-amd64': tinyElf('linux/amd64'),
    'bin/linux-arm64': tinyElf('linux/arm64'),
  }
  made.commit({ message: 'feat: first', files })
  return made
}

const { path: origin, git } = repository()
const parts = temporaryFolder('parts')

async function planOf(cwd: string): Promise<ReleasePlan> {
  const result = await waybill(['plan', '--json', '--cwd', cwd])
  assert.is(result.code, 0, result.stderr)
  return result.json() as unknown as ReleasePlan
}

/** Builds one cell in a fresh clone and hands over its folder as a store does: without executable bits. */
async function buildCell({ id }: MatrixCell): Promise<void> {
  const clone = join(temporaryFolder('clone'), 'c')
  git('clone', '--quiet', origin, clone)
  const result = await waybill(['build', '--cell', id, '--json', '--cwd', clone])
  assert.is(result.code, 0, result.stderr)
  cpSync(join(clone, 'dist'), join(parts, id), { recursive: true })
  for (const name of readdirSync(join(parts, id), { recursive: true, encoding: 'utf8' })) {
    const file = join(parts, id, name)
    if (statSync(file).isFile()) chmodSync(file, 0o644)
  }
}

test('the plan names each cell with its binary', async () => {
  const { matrix } = await planOf(origin)
  assert.equal(
    matrix.map(({ id, binary, required }) => [id, binary, required]),
    [
      ['app-linux-amd64', 'app', true],
      ['app-linux-arm64', 'app', true],
      ['app-tool-linux-amd64', 'tool', true],
      ['app-extra-linux-riscv64', 'extra', false],
    ],
  )
})

test('joined cells are what one build makes, executable again', async () => {
  const { matrix } = await planOf(origin)
  for (const cell of matrix) await buildCell(cell)
  const joined = await waybill(['build', '--join', parts, '--json', '--cwd', origin])
  assert.is(joined.code, 0, joined.stderr)
  const record = readFileSync(join(origin, 'dist/waybill.json'), 'utf8')
  assert.is(statSync(join(origin, 'dist/linux-arm64/app')).mode & 0o777, 0o755)
  const out = temporaryFolder('whole')
  const whole = await waybill(['build', '--json', '--cwd', origin, '--out', out])
  assert.is(whole.code, 0, whole.stderr)
  assert.is(readFileSync(join(out, 'waybill.json'), 'utf8'), record)
})

test('a required cell that is missing is named', async () => {
  const some = temporaryFolder('some')
  for (const id of ['app-linux-amd64', 'app-linux-arm64'])
    cpSync(join(parts, id), join(some, id), { recursive: true })
  const out = join(temporaryFolder(), 'out')
  const words = ['build', '--join', some, '--json', '--cwd', origin, '--out', out]
  const result = await waybill(words)
  assert.is(result.code, 1)
  const { error } = result.json() as { error: { code: string; message: string } }
  assert.is(error.code, 'ERR_CELL_MISSING')
  assert.match(error.message, /: app-tool-linux-amd64$/)
  assert.not.ok(existsSync(out))
})

test('parts of another definition or commit are refused, and both are named', async () => {
  const out = join(temporaryFolder(), 'out')
  const joinFor = (cwd: string): ReturnType<typeof waybill> =>
    waybill(['build', '--join', parts, '--cwd', cwd, '--out', out])
  // The definition of the working tree counts, as it does for building.
  const changed = temporaryFolder('changed')
  cpSync(origin, changed, { recursive: true })
  writeFileSync(join(changed, 'waybill.yaml'), DEFINITION.replace(', optional: true', ''))
  const definition = await joinFor(changed)
  assert.is(definition.code, 1)
  assert.match(definition.stderr, /built by the definition sha256:\w+; the plan's is sha256:\w+/)
  const head = git('rev-parse', 'HEAD')
  git('commit', '--quiet', '--allow-empty', '--message', 'fix: second')
  const commit = await joinFor(origin)
  git('reset', '--quiet', '--hard', head)
  assert.is(commit.code, 1)
  assert.match(commit.stderr, `of commit ${head}; the plan has`)
  assert.not.ok(existsSync(out))
})

test('cells that are built at the same time in one folder forget nothing', async () => {
  const { matrix } = await planOf(origin)
  const out = temporaryFolder('together')
  const required = matrix.filter((cell) => cell.required)
  const results = await Promise.all(
    required.map(({ id }) => waybill(['build', '--cell', id, '--cwd', origin, '--out', out])),
  )
  for (const { code, stderr } of results) assert.is(code, 0, stderr)
  const { artifacts } = JSON.parse(readFileSync(join(out, 'waybill.json'), 'utf8')) as {
    artifacts: { path: string }[]
  }
  assert.equal(
    artifacts.map(({ path }) => path),
    ['linux-amd64/app', 'linux-amd64/tool', 'linux-arm64/app'],
  )
})

test('a cell that is unknown is exit 2 with the nearest', async () => {
  const result = await waybill(['build', '--cell', 'app-linux-amd46', '--cwd', origin])
  assert.is(result.code, 2)
  assert.match(result.stderr, 'app-linux-amd64')
})

const text = (value: unknown): boolean => typeof value === 'string' && value !== ''

async function matrixFor(engine: string): Promise<unknown> {
  const result = await waybill(['plan', '--matrix', engine, '--cwd', origin])
  assert.is(result.code, 0, result.stderr)
  return JSON.parse(result.stdout)
}

// Workflow syntax: `matrix.include` is a list of mappings whose values are scalars; a job's name is made of them.
test('the matrix is what strategy.matrix of GitHub takes', async () => {
  const matrix = (await matrixFor('github')) as Record<string, unknown>
  assert.equal(Object.keys(matrix), ['include'])
  const include = matrix['include'] as Record<string, unknown>[]
  assert.is(include.length, 4)
  for (const cell of include)
    for (const [key, value] of Object.entries(cell)) {
      assert.match(key, /^[A-Za-z_][\w-]*$/)
      assert.ok(['string', 'boolean'].includes(typeof value))
    }
})

// CI/CD YAML syntax: a list of mappings from a variable's name to a text (or several); numbers and booleans are no variables.
test('the matrix is what parallel:matrix of GitLab takes', async () => {
  const matrix = (await matrixFor('gitlab')) as Record<string, unknown>[]
  assert.is(matrix.length, 4)
  for (const job of matrix)
    for (const [key, value] of Object.entries(job)) {
      assert.match(key, /^[A-Z_][A-Z0-9_]*$/)
      assert.ok(text(value))
    }
  assert.is(matrix[0]!['WAYBILL_CELL'], 'app-linux-amd64')
})

// Tekton's Matrix type: include[] of a name and params[], each a name and a text.
test('the matrix is what a Tekton pipeline task takes', async () => {
  const matrix = (await matrixFor('tekton')) as Record<string, unknown>
  assert.equal(Object.keys(matrix), ['include'])
  const include = matrix['include'] as { name: string; params: Record<string, unknown>[] }[]
  assert.is(include.length, 4)
  for (const { name, params, ...rest } of include) {
    assert.ok(text(name))
    assert.equal(rest, {})
    for (const param of params) {
      assert.equal(Object.keys(param), ['name', 'value'])
      assert.ok(text(param['name']) && text(param['value']))
    }
  }
})

test('an unknown engine is exit 2 with those there are', async () => {
  const result = await waybill(['plan', '--matrix', 'jenkins', '--cwd', origin])
  assert.is(result.code, 2)
  assert.match(result.stderr, /github.*gitlab.*tekton/)
})

test.run()
