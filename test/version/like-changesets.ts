// Random workspaces through the real `changeset version` and through planVersions: the manifests must come out the same, byte by byte.
import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyVersions, planVersions } from '@waybill/version'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { notDue, textOf } from '../helpers/version.ts'

const test = suite('planVersions: like changesets')

const CHANGESETS = resolve(import.meta.dirname, '../../../scripts/changeset.mjs')
// The default rounds hold every case that was ever missed: ranges that follow a release of nothing.
const [FIRST, LAST] = process.env['WAYBILL_FULL'] === '1' ? [1, 300] : [15, 26]

type Random = (below: number) => number

// A small generator, so that a failing round can be repeated by its number.
function random(seed: number): Random {
  let state = seed * 2_654_435_761
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below)
  }
}

const pick = <T>(items: readonly T[], next: Random): T => items[next(items.length)]!

const VERSIONS = ['0.0.3', '0.3.1', '1.0.0', '1.2.3', '2.10.0', '1.2.3-rc.1']
const BUMPS = ['patch', 'minor', 'major', 'none']
const KINDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']

function ranges(version: string): readonly string[] {
  const major = Number.parseInt(version, 10)
  return [
    `^${version}`,
    `~${version}`,
    version,
    `>=${version}`,
    `>=${version} <${major + 1}.0.0`,
    `<${major + 2}.0.0 >=${version}`,
    `^${version} || ^${major + 1}.0.0`,
    'workspace:*',
    'workspace:^',
    'workspace:~',
    `workspace:^${version}`,
    ...(version.includes('-') ? [] : ['*', `${major}`, `${major}.x`]),
  ]
}

interface Workspace {
  readonly names: readonly string[]
  readonly versions: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

function workspace(next: Random): Workspace {
  const names = Array.from({ length: 3 + next(4) }, (_item, index) => `p${index}`)
  const versions = names.map(() => pick(VERSIONS, next))
  const files = names.map((name, index) => {
    const lists: Record<string, Record<string, string>> = {}
    for (const [other, version] of versions.entries()) {
      if (other === index || next(3) !== 0) continue
      const range = pick(ranges(version), next)
      ;(lists[pick(KINDS, next)] ??= {})[names[other]!] = range
    }
    const manifest = { name, version: versions[index], ...lists }
    return [`packages/${name}/package.json`, JSON.stringify(manifest, null, 1 + next(4))] as const
  })
  return { names, versions, files: Object.fromEntries(files) }
}

function changesets(names: readonly string[], next: Random): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: 1 + next(3) }, (_item, index) => {
      const chosen = names.filter(() => next(3) === 0)
      const lines = (chosen.length > 0 ? chosen : [names[0]!]).map(
        (name) => `"${name}": ${pick(BUMPS, next)}\n`,
      )
      return [`.changeset/c${index}.md`, `---\n${lines.join('')}---\n\nChange ${index}.\n`]
    }),
  )
}

function config(names: readonly string[], next: Random): object {
  const group = names.filter(() => next(2) === 0)
  const groups = group.length < 2 ? {} : { [pick(['fixed', 'linked', 'none'], next)]: [group] }
  const { fixed = [], linked = [] } = groups as { fixed?: unknown; linked?: unknown }
  return {
    changelog: false,
    commit: false,
    format: false,
    access: 'public',
    baseBranch: 'main',
    fixed,
    linked,
  }
}

for (let round = FIRST; round <= LAST; round += 1) {
  test(`round ${round}`, async () => {
    const next = random(round)
    const { names, versions, files } = workspace(next)
    const repository = createRepository()
    const start = repository.commit({
      message: 'chore: start',
      files: {
        ...files,
        'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['packages/*'] }),
        'package-lock.json': '{}',
        '.changeset/config.json': JSON.stringify(config(names, next)),
      },
    })
    repository.commit({ message: 'docs: changes', files: changesets(names, next) })
    const theirs = join(temporaryFolder('changesets'), 'copy')
    cpSync(repository.path, theirs, { recursive: true })
    execFileSync(process.execPath, [CHANGESETS, 'version'], { cwd: theirs, stdio: 'pipe' })
    const decisions = names.map((name, index) => {
      const decision = notDue(name, { path: `packages/${name}`, from: versions[index]! })
      return { ...decision, last: { ...decision.last!, commit: start } }
    })
    const cwd = repository.path
    await applyVersions(await planVersions(decisions, { cwd, changelog: 'never' }), { cwd })
    for (const path of Object.keys(files)) {
      assert.is(
        textOf(cwd, path),
        textOf(theirs, path),
        `round ${round}: ${path} was ${files[path]}`,
      )
    }
  })
}

test.run()
