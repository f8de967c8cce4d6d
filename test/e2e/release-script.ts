// Waybill releases itself: scripts/release.ts against a real npm registry and a real git remote.
import { execFileSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Receipt } from '@waybill/core'
import type { PackedPackage } from '@waybill/publish'
import { ROOT, runNode, type CliResult } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { startNpmRegistry, type NpmRegistry } from '../helpers/npm-registry.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('npm run release')

interface Scene {
  readonly cwd: string
  readonly bare: string
  readonly npm: NpmRegistry
  release(words: readonly string[], onStart?: (child: ChildProcess) => void): Promise<CliResult>
  /** Every version in the registry and every tag of the remote. */
  standing(): Promise<{ versions: Record<string, string>; tags: string }>
}

const git = (cwd: string, ...words: readonly string[]): string =>
  execFileSync('git', words, { cwd, encoding: 'utf8' }).trim()

async function scene(): Promise<Scene> {
  const npm = await startNpmRegistry()
  const cwd = join(temporaryFolder('self'), 'repository')
  const bare = temporaryFolder('bare')
  git(ROOT, 'clone', '--quiet', '--no-tags', ROOT, cwd)
  git(bare, 'init', '--quiet', '--bare')
  git(cwd, 'remote', 'set-url', 'origin', bare)
  // Only npm shall see it: the released tree is the commit's.
  git(cwd, 'update-index', '--assume-unchanged', '.npmrc')
  appendFileSync(join(cwd, '.npmrc'), npm.credential)
  const script = join(ROOT, 'scripts/dist/release.js')
  const base = [script, '--registry', npm.address, '--json']
  return {
    cwd,
    bare,
    npm,
    release: (words, onStart) =>
      runNode([...base, ...words], { cwd, ...(onStart === undefined ? {} : { onStart }) }),
    standing: async () => ({
      versions: await versionsOf(npm.address),
      tags: git(bare, 'for-each-ref', '--format=%(refname:short)'),
    }),
  }
}

async function versionsOf(registry: string): Promise<Record<string, string>> {
  const names = readdirSync(join(ROOT, 'tools')).map((name) =>
    name === 'waybill' ? name : `@waybill/${name}`,
  )
  const found: Record<string, string> = {}
  for (const name of names) {
    const response = await ask(registry + name.replace('/', '%2f'))
    if (!response.ok) continue
    const { versions } = (await response.json()) as { versions: Record<string, Manifest> }
    for (const { version, dist } of Object.values(versions))
      found[`${name}@${version}`] = dist.integrity
  }
  return found
}

// A registry that is busy publishing resets a connection now and then.
async function ask(url: string, tries = 5): Promise<Response> {
  try {
    return await fetch(url, { headers: { connection: 'close' } })
  } catch (error) {
    if (tries === 0) throw error
    await sleep(100)
    return ask(url, tries - 1)
  }
}

interface Manifest {
  readonly version: string
  readonly dist: { readonly integrity: string }
}

function packedBy({ cwd }: Scene): Record<string, string> {
  const parent = join(cwd, '.waybill/release')
  const [folder] = readdirSync(parent)
  const packed = JSON.parse(
    readFileSync(join(parent, folder!, 'packed.json'), 'utf8'),
  ) as PackedPackage[]
  return Object.fromEntries(
    packed.map(({ name, version, integrity }) => [`${name}@${version}`, integrity]),
  )
}

const outcomes = ({ json }: CliResult): readonly string[] => [
  ...new Set((json() as unknown as Receipt).results.map(({ outcome }) => outcome)),
]

testWith(test, ['verdaccio'], 'a plan, that plan and no other, killed and finished', async () => {
  const self = await scene()
  const nothing = { versions: {}, tags: '' }
  try {
    const dry = await self.release(['--dry-run'])
    assert.is(dry.code, 0, dry.stdout)
    const { digest, release } = dry.json() as { digest: string; release: { tag: string } }
    assert.equal(await self.standing(), nothing)

    for (const words of [['--dry-run'], []]) {
      const other = await self.release([...words, '--plan-digest', `sha256:${'0'.repeat(64)}`])
      assert.is(other.code, 1)
      assert.is((other.json()['error'] as { code: string }).code, 'ERR_PLAN_MISMATCH')
      assert.equal(await self.standing(), nothing)
    }

    // The tag stands first, and publishing the packages takes a while after it.
    const killed = await self.release(['--plan-digest', digest], (child) => {
      const timer = setInterval(() => {
        if (existsSync(join(self.bare, 'refs/tags', release.tag))) child.kill('SIGKILL')
      }, 20)
      child.once('exit', () => clearInterval(timer))
    })
    assert.is(killed.code, null)
    const partly = await self.standing()
    assert.is(partly.tags, release.tag)
    assert.ok(Object.keys(partly.versions).length < Object.keys(packedBy(self)).length)

    const finished = await self.release(['--plan-digest', digest])
    assert.is(finished.code, 0, finished.stdout)
    const after = await self.standing()
    assert.equal(after.versions, packedBy(self))
    assert.is(after.tags, release.tag)

    // Once more, and once more where the tag is known here: everything stands.
    assert.equal(outcomes(await self.release(['--yes'])), ['unchanged'])
    git(self.cwd, 'fetch', '--quiet', '--tags', 'origin')
    assert.equal(outcomes(await self.release(['--yes'])), ['unchanged'])
    assert.equal(await self.standing(), after)
  } finally {
    await self.npm.stop()
  }
})

test('wrong options are refused with those there are, and --help says them', async () => {
  const script = join(ROOT, 'scripts/dist/release.js')
  const wrong = await runNode([script, '--dryrun'])
  assert.is(wrong.code, 2)
  assert.match(wrong.stderr, '--dryrun')
  assert.match(wrong.stderr, '--dry-run')
  const help = await runNode([script, '--help'])
  assert.is(help.code, 0)
  assert.match(help.stdout, '--plan-digest')
})

test.run()
