// A release script: the same line through every Exec, with the exit code `run` owns.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run, registries, zig, type Receipt, type RunOptions } from 'waybill'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { actionsExec } from 'waybill-actions/exec'
import { $ } from 'zx'
import { runNode } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('run')
const app = { name: 'app', path: 'app', tag: 'app-v{version}' }

const collector = (): { write(text: string): void; text(): string } => {
  const parts: string[] = []
  return { write: (text) => void parts.push(text), text: () => parts.join('') }
}

function options(
  cwd: string,
  extra: Partial<RunOptions> = {},
): { all: RunOptions; stdout: ReturnType<typeof collector>; stderr: ReturnType<typeof collector> } {
  const stdout = collector()
  const stderr = collector()
  return { all: { cwd, stdout, stderr, json: true, ...extra }, stdout, stderr }
}

test('a decision that nothing is due is printed with its reasons: exit 3', async () => {
  const repository = createRepository()
  repository.commit({ message: 'ci: first', files: { 'app/a': '1' } })
  const { all, stdout } = options(repository.path, { json: false })
  assert.is(await run(all, async (wb) => wb.decide(await wb.readCommits(app))), 3)
  assert.match(stdout.text(), 'nothing to release')
  assert.match(stdout.text(), 'ci: first')
})

test('an error is printed as one JSON document, and is exit 1', async () => {
  const { all, stdout } = options(temporaryFolder())
  assert.is(await run(all, () => Promise.reject(new Error('so it goes'))), 1)
  assert.is(
    (JSON.parse(stdout.text()) as { error: { message: string } }).error.message,
    'so it goes',
  )
})

async function release(
  cwd: string,
  exec: RunOptions['exec'],
  places: readonly TestRegistry[],
): Promise<Receipt> {
  const [hub, ghcr] = places.map(({ address }) => `${address}/acme/app`)
  const { all, stdout, stderr } = options(cwd, { exec, out: join(cwd, 'dist') })
  const code = await run(all, async (wb) => {
    const decision = wb.decide(await wb.readCommits(app))
    if (decision.status !== 'due') return decision
    const to = registries({ hub: hub!, ghcr: ghcr! })
    const toolchain = zig({ binary: 'app', sources: ['main.c'], static: true })
    const binaries = await wb.compile(decision.release, toolchain, { platforms: ['linux/amd64'] })
    const archives = await wb.archive(decision.release, binaries, { formats: ['tar.gz'] })
    const image = await wb.assemble(decision.release, binaries, { base: 'scratch', path: '/app' })
    const proven = await wb.proveIdentity(image, archives)
    const plan = await wb.planPublish(decision.release, proven, { to })
    return wb.publish(plan, { content: proven, to })
  })
  assert.is(code, 0, stderr.text() + stdout.text())
  return JSON.parse(stdout.text()) as Receipt
}

testWith(
  test,
  ['zig'],
  'a whole release through child processes, through zx and through @actions/exec: the same receipt',
  async () => {
    const repository = createRepository()
    repository.commit({
      message: 'feat: first',
      files: { 'app/main.c': 'int main(void) { return 0; }\n', '.gitignore': 'dist\n.waybill\n' },
    })
    const receipts: Receipt[] = []
    let addresses = ['127.0.0.1:0', '127.0.0.1:0']
    for (const exec of [undefined, $, actionsExec]) {
      // Nothing is left of the release before: neither what it built nor what it published, only where.
      for (const made of ['dist', '.waybill'])
        rmSync(join(repository.path, made), { recursive: true, force: true })
      const places = await Promise.all(addresses.map((listen) => startRegistry({ listen })))
      addresses = places.map(({ address }) => address)
      try {
        receipts.push(await release(repository.path, exec, places))
      } finally {
        for (const place of places) await place.close()
      }
    }
    const [first, ...others] = receipts
    assert.equal([...new Set(first!.results.map(({ outcome }) => outcome))], ['applied'])
    for (const other of others) assert.equal(other, first)
  },
)

test('work that cannot be cancelled is given up after a while, and the process with it', async () => {
  const pipe = join(temporaryFolder('pipe'), 'pipe')
  execFileSync('mkfifo', [pipe])
  const script = `
    import { readFile } from 'node:fs/promises'
    import { run } from 'waybill'
    await run({ json: true, timeout: 100, grace: 300 }, () => readFile('${pipe}'))`
  const ended = await runNode(['--input-type=module', '-e', script])
  assert.is(ended.code, null)
  const { error } = ended.json() as { error: { code: string; message: string } }
  assert.is(error.code, 'ERR_TIMEOUT')
  assert.match(error.message, 'did not end within 0.3 s')
})

test.run()
