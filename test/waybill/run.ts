// A release script: the same line through zx's `$` and through child processes, with the exit code `run` owns.
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run, registries, zig, type Receipt, type RunOptions } from 'waybill'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { $ } from 'zx'
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
  'a whole release through zx and through child processes: the same digests',
  async () => {
    const repository = createRepository()
    repository.commit({
      message: 'feat: first',
      files: { 'app/main.c': 'int main(void) { return 0; }\n', '.gitignore': 'dist\n.waybill\n' },
    })
    const places = [await startRegistry(), await startRegistry()]
    try {
      const first = await release(repository.path, undefined, places)
      assert.equal([...new Set(first.results.map(({ outcome }) => outcome))], ['applied'])
      const second = await release(repository.path, $, places)
      assert.is(second.subject, first.subject)
      assert.equal([...new Set(second.results.map(({ outcome }) => outcome))], ['unchanged'])
    } finally {
      for (const place of places) await place.close()
    }
  },
)

test.run()
