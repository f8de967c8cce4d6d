import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Report } from '@waybill/core'
import {
  applyVersions,
  checkVersions,
  planVersions,
  type CheckVersionsOptions,
  type VersionCheck,
} from '@waybill/version'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { due, textOf } from '../helpers/version.ts'

const test = suite('checkVersions')

interface Said {
  readonly manifest?: string
  readonly binary?: string
  readonly tag?: string
}

const VERSION = '0.4.2'

function repository({ manifest = VERSION, binary = `app ${VERSION}` }: Said): TestRepository {
  const made = createRepository()
  made.commit({
    message: 'feat: x',
    files: {
      'Cargo.toml': `[package]\nname = "app"\nversion = "${manifest}"\n`,
      'deploy/Chart.yaml': `version: ${manifest}\nappVersion: v${manifest}\n`,
    },
  })
  writeFileSync(join(made.path, 'app'), `#!/bin/sh\n[ "$1" = --version ] && echo '${binary}'\n`)
  chmodSync(join(made.path, 'app'), 0o755)
  return made
}

async function check(
  said: Said = {},
  options: CheckVersionsOptions = {},
): Promise<Report<VersionCheck>> {
  const { path, git } = repository(said)
  const release = {
    component: 'app',
    path: '.',
    version: VERSION,
    tag: said.tag ?? `v${VERSION}`,
    commit: git('rev-parse', 'HEAD'),
  }
  const versionFiles = { app: ['Cargo.toml', 'deploy/Chart.yaml'] }
  return checkVersions(release, { cwd: path, versionFiles, binaries: ['./app'], ...options })
}

const errors = ({ findings }: Report): string[] => findings.map(({ message }) => message)

test('tag, manifests and binary that agree are fine, and every place is named', async () => {
  const report = await check()
  assert.is(report.ok, true)
  assert.equal(
    report.checked.map(({ kind, where, found }) => `${kind} ${where} ${found}`),
    [
      'tag v0.4.2 0.4.2',
      'file Cargo.toml package.version 0.4.2',
      'file deploy/Chart.yaml version 0.4.2',
      'file deploy/Chart.yaml appVersion 0.4.2',
      'binary ./app 0.4.2',
    ],
  )
})

test('a manifest that was left behind fails, place by place', async () => {
  const report = await check({ manifest: '0.2.0' })
  assert.is(report.ok, false)
  assert.equal(errors(report), [
    'Cargo.toml package.version: expected 0.4.2, found 0.2.0',
    'deploy/Chart.yaml version: expected 0.4.2, found 0.2.0',
    'deploy/Chart.yaml appVersion: expected 0.4.2, found 0.2.0',
  ])
})

const lock = (version: string): string =>
  `version = 4\n\n[[package]]\nname = "app"\nversion = "${version}"\n`

test('a lock file that was left behind fails, and the next plan brings it along', async () => {
  const made = repository({})
  made.commit({ message: 'chore: lock', files: { 'Cargo.lock': lock('0.2.0') } })
  const release = {
    component: 'app',
    path: '.',
    version: VERSION,
    tag: 'v0.4.2',
    commit: made.git('rev-parse', 'HEAD'),
  }
  const report = await checkVersions(release, { cwd: made.path })
  assert.equal(errors(report), ['Cargo.lock package.0.version: expected 0.4.2, found 0.2.0'])
  const plan = await planVersions([due('app', { from: '0.4.1', to: VERSION })], { cwd: made.path })
  await applyVersions(plan, { cwd: made.path })
  assert.is(textOf(made.path, 'Cargo.lock'), lock(VERSION))
  assert.is((await checkVersions(release, { cwd: made.path })).ok, true)
})

test('a binary that says another version fails, a longer one too', async () => {
  for (const [said, found] of [
    ['app 0.2.0', '0.2.0'],
    ['app 0.4.20', '0.4.20'],
    ['app 10.4.2', '10.4.2'],
    ['app 0.4.2-rc.1', '0.4.2-rc.1'],
    ['app, no version', 'no version'],
  ]) {
    const report = await check({ binary: said! })
    assert.equal(errors(report), [
      `./app --version: expected 0.4.2, found ${found}; it says "${said}"`,
    ])
  }
})

test('a binary may say more than its version', async () => {
  const report = await check({ binary: 'app v0.4.2 (rustc 1.95.0, 2026-11-21). All rights.' })
  assert.equal(errors(report), [])
})

test('a binary that does not run fails with what happened', async () => {
  const report = await check({}, { binaries: [{ path: './app', args: ['version'] }, './none'] })
  assert.is(report.findings.length, 2)
  assert.match(errors(report)[1]!, 'none')
})

test('a tag that says another version fails', async () => {
  for (const tag of ['v0.4.20', 'v10.4.2', 'app-v0.4.1', 'v0.4.2-rc.1', 'release']) {
    assert.equal(errors(await check({ tag })), [`the tag ${tag} does not say 0.4.2`])
  }
  for (const tag of ['0.4.2', 'app@0.4.2', 'crates/app/v0.4.2', 'app-0.4.2-final']) {
    assert.is(errors(await check({ tag })).length, tag.endsWith('final') ? 1 : 0, tag)
  }
})

test('a tag that stands on another commit fails', async () => {
  const { path, git, commit } = repository({})
  git('tag', '--annotate', '--message', 'x', 'v0.4.2')
  const release = {
    component: 'app',
    path: '.',
    version: VERSION,
    tag: 'v0.4.2',
    commit: git('rev-parse', 'HEAD'),
  }
  assert.is((await checkVersions(release, { cwd: path })).ok, true)
  const later = commit({ message: 'fix: y' })
  const report = await checkVersions({ ...release, commit: later }, { cwd: path })
  assert.equal(errors(report), [
    `the tag v0.4.2 stands on ${release.commit}, the release is of ${later}`,
  ])
})

test('a declared file that is missing, or holds no version, is an error among the findings', async () => {
  const report = await check(
    {},
    { versionFiles: { app: ['gone.toml', { path: 'Cargo.toml', keys: ['package.edition'] }] } },
  )
  assert.equal(
    report.findings.map(({ code, level }) => [code, level]),
    [
      ['version-missing', 'error'],
      ['version-missing', 'error'],
    ],
  )
})

test.run()
