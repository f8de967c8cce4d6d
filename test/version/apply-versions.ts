import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyVersions, planVersions, type VersionPlan } from '@waybill/version'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { due, folderWith, textOf } from '../helpers/version.ts'

const test = suite('applyVersions')

const FILES = {
  'package.json': '{"name":"app","version":"1.0.0"}',
  'Cargo.toml': '[package]\nversion = "1.0.0"\n',
  'Chart.yaml': 'version: 1.0.0\n',
  version: '1.0.0',
}
const PATHS = Object.keys(FILES)

const versionsIn = (root: string): string[] =>
  PATHS.map((path) => /\d+\.\d+\.\d+/.exec(textOf(root, path))![0])
const all = (version: string): string[] => PATHS.map(() => version)

async function planned(): Promise<{ cwd: string; plan: VersionPlan }> {
  const cwd = await folderWith(FILES)
  return { cwd, plan: await planVersions([due('app')], { cwd }) }
}

test('writes every file, says so, and nothing the second time', async () => {
  const { cwd, plan } = await planned()
  const first = await applyVersions(plan, { cwd })
  assert.equal(
    first.map(({ outcome }) => outcome),
    PATHS.map(() => 'applied'),
  )
  assert.equal(versionsIn(cwd), all('1.1.0'))
  const again = await applyVersions(plan, { cwd })
  assert.equal(
    again.map(({ outcome }) => outcome),
    PATHS.map(() => 'unchanged'),
  )
  assert.equal(readdirSync(join(cwd, '.waybill/journal')), [])
})

test('a plan that went through JSON is applied the same', async () => {
  const { cwd, plan } = await planned()
  await applyVersions(JSON.parse(JSON.stringify(plan)) as VersionPlan, { cwd })
  assert.equal(versionsIn(cwd), all('1.1.0'))
})

test('a plan that leads out of the repository is refused', async () => {
  const { cwd, plan } = await planned()
  for (const path of ['../version', '/tmp/waybill-version', 'a/../../version']) {
    const file = { ...plan.files[0]!, path }
    await rejects(
      applyVersions({ ...plan, files: [...plan.files, file] }, { cwd }),
      'ERR_OUTSIDE_REPOSITORY',
    )
  }
  assert.equal(versionsIn(cwd), all('1.0.0'))
})

test('a plan with an error among its findings is not applied', async () => {
  const { cwd, plan } = await planned()
  const findings = [{ code: 'x', level: 'error' as const, message: 'not so' }]
  const error = await rejects(applyVersions({ ...plan, findings }, { cwd }), 'ERR_BLOCKED_PLAN')
  assert.match(error.message, 'not so')
  assert.equal(versionsIn(cwd), all('1.0.0'))
})

test('a file that was changed since stops everything', async () => {
  const { cwd, plan } = await planned()
  writeFileSync(join(cwd, 'version'), '1.0.1')
  await rejects(applyVersions(plan, { cwd }), 'ERR_STALE_PLAN')
  assert.equal(versionsIn(cwd), ['1.0.0', '1.0.0', '1.0.0', '1.0.1'])
})

test('a write that fails puts back what was written', async () => {
  const { cwd, plan } = await planned()
  const out = { ...plan, files: plan.files.toReversed() }
  // The last file lies in what is a file, not a folder.
  const broken = {
    ...out,
    files: [
      ...out.files,
      {
        path: 'x/y',
        action: 'create' as const,
        before: null,
        after: out.files[0]!.after,
        edits: [{ at: '', offset: 0, from: '', to: '1.1.0' }],
      },
    ],
  }
  writeFileSync(join(cwd, 'x'), 'a file, not a folder')
  await rejects(applyVersions(broken, { cwd }), 'ERR_NOT_WRITABLE')
  assert.equal(versionsIn(cwd), all('1.0.0'))
  assert.not.ok(existsSync(join(cwd, '.waybill/journal/version.json')))
})

test('a file keeps its mode, a link stays a link', async () => {
  const cwd = await folderWith({ 'real/version': '1.0.0' })
  chmodSync(join(cwd, 'real/version'), 0o755)
  symlinkSync('real/version', join(cwd, 'version'))
  await applyVersions(await planVersions([due('app')], { cwd }), { cwd })
  assert.ok(lstatSync(join(cwd, 'version')).isSymbolicLink())
  assert.is(textOf(cwd, 'real/version'), '1.1.0')
  assert.is(statSync(join(cwd, 'real/version')).mode & 0o777, 0o755)
})

test('a link out of the repository is not followed', async () => {
  const cwd = await folderWith({})
  const outside = temporaryFolder('outside')
  writeFileSync(join(outside, 'version'), '1.0.0')
  symlinkSync(join(outside, 'version'), join(cwd, 'version'))
  await rejects(
    planVersions([due('app')], { cwd, versionFiles: { app: ['version'] } }),
    'ERR_OUTSIDE_REPOSITORY',
  )
})

// A process of its own that dies at its nth rename, before or after it happened.
const KILLER = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { rename } = fs.promises
let count = 0
fs.promises.rename = async (from, to) => {
  const last = ++count === Number(process.env.KILL_AT)
  if (last && process.env.KILL_WHEN === 'before') process.kill(process.pid, 'SIGKILL')
  await rename(from, to)
  if (last) process.kill(process.pid, 'SIGKILL')
}
syncBuiltinESMExports()
`
const APPLY = `
import { readFileSync } from 'node:fs'
import { applyVersions } from '@waybill/version'
await applyVersions(JSON.parse(readFileSync(process.env.PLAN, 'utf8')), { cwd: process.env.REPOSITORY })
`

function killed(cwd: string, plan: VersionPlan, at: number, when: string): boolean {
  writeFileSync(join(cwd, '.git/killer.mjs'), KILLER)
  writeFileSync(join(cwd, '.git/plan.json'), JSON.stringify(plan))
  const env = {
    ...process.env,
    KILL_AT: String(at),
    KILL_WHEN: when,
    PLAN: join(cwd, '.git/plan.json'),
    REPOSITORY: cwd,
  }
  const args = ['--import', join(cwd, '.git/killer.mjs'), '--input-type=module', '--eval', APPLY]
  return spawnSync(process.execPath, args, { env, cwd: import.meta.dirname }).signal === 'SIGKILL'
}

test('a file that was changed after a run was killed stops the next one, which says how to go on', async () => {
  const { cwd, plan } = await planned()
  assert.ok(killed(cwd, plan, 3, 'before'))
  const path = PATHS.find((one) => textOf(cwd, one) === FILES[one as keyof typeof FILES])!
  writeFileSync(join(cwd, path), 'mine')
  const error = await rejects(applyVersions(plan, { cwd }), 'ERR_HALF_APPLIED')
  assert.match(error.hint!, '.waybill/journal/version.json')
  assert.is(error.outcome, 'partial')
  writeFileSync(join(cwd, path), FILES[path as keyof typeof FILES])
  await applyVersions(plan, { cwd })
  assert.equal(versionsIn(cwd), all('1.1.0'))
})

for (const when of ['before', 'after']) {
  test(`a process killed ${when} any rename leaves all or none, once the same is run again`, async () => {
    let at = 1
    for (; ; at += 1) {
      const { cwd, plan } = await planned()
      if (!killed(cwd, plan, at, when)) break
      const journal = existsSync(join(cwd, '.waybill/journal/version.json'))
      if (!journal) assert.equal(versionsIn(cwd), all('1.0.0'), `killed at ${at}`)
      // A plan made now sees the files as they will be, so what the killed run began is finished either way.
      const again = await planVersions([due('app')], { cwd })
      assert.equal(
        again.files.length,
        journal ? 0 : PATHS.length,
        `killed at ${at}: planned through the journal`,
      )
      await applyVersions(at % 2 === 0 ? plan : again, { cwd })
      assert.equal(versionsIn(cwd), all('1.1.0'), `killed at ${at}`)
      assert.not.ok(existsSync(join(cwd, '.waybill/journal/version.json')))
      const left = readdirSync(cwd, { recursive: true }).map(String)
      assert.equal(
        left.filter((name) => name.endsWith('.tmp')),
        [],
        `killed at ${at}`,
      )
    }
    assert.is(at, PATHS.length + 2, 'the journal and every file were reached')
  })
}

test.run()
