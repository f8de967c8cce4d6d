// A name is where it leads: every place where a file is named, beside every kind of link that leads elsewhere.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { definition, scene } from '../helpers/link-scene.ts'
import { LEADING_OUT, NO_FILE } from '../helpers/links.ts'

const test = suite('links')

/** A place whose name a definition or a default gives, and the call that reads it. */
interface Place {
  readonly at: string
  readonly text?: string
  readonly words: readonly string[]
  /** What is run before, with the file as it should be. */
  readonly first?: readonly string[]
  /** What is said of things that are no file, where it is not one of the usual. */
  readonly noFile?: RegExp
}

const PLACES: Readonly<Record<string, Place>> = {
  'archives.files': { at: 'LICENSE', words: ['archive'], first: ['build'] },
  'a member of a folder in archives.files': {
    at: 'docs/a/one.md',
    text: definition().replace('files: [LICENSE]', 'files: [docs]'),
    words: ['archive'],
    first: ['build'],
  },
  'archives.files in a folder': {
    at: 'docs/LICENSE',
    text: definition().replace('[LICENSE]', '[docs/LICENSE]'),
    words: ['archive'],
    first: ['build'],
  },
  'prebuilt `from`': {
    at: 'bin/hello',
    text: definition('', 'bin/hello'),
    words: ['build'],
    noFile: /^ERR_(?:PREBUILT_MISSING|NOT_A_FILE|FILE_MISSING)$/,
  },
  'a version file': {
    at: 'files/VERSION',
    text: definition('files/VERSION'),
    words: ['version'],
    noFile: /^ERR_(?:FILE_MISSING|NOT_A_FILE)|version-|missing/,
  },
  'a version file that check looks for': {
    at: 'files/VERSION',
    text: definition('files/VERSION'),
    words: ['check'],
    noFile: /^(?:file-missing|file-outside)/,
  },
  'the changelog': {
    at: 'CHANGELOG.md',
    words: ['version'],
    noFile: /^ERR_(?:FILE_MISSING|NOT_A_FILE)/,
  },
  'a manifest of a workspace': {
    at: 'packages/a/package.json',
    text: definition(),
    words: ['version'],
    noFile: /^ERR_(?:FILE_MISSING|NOT_A_FILE)|none/,
  },
  'the lock file': { at: 'waybill.lock', words: ['lock', '--dry-run'] },
  'the definition': { at: 'waybill.yaml', words: ['gate'] },
}

const OUTSIDE = /^(?:ERR_OUTSIDE_REPOSITORY|file-outside)/

for (const [
  name,
  { at, text, words, first, noFile = /^ERR_(?:FILE_MISSING|NOT_A_FILE)$/ },
] of Object.entries(PLACES)) {
  const all = [
    ...Object.entries(LEADING_OUT).map(([kind, trap]) => ({ kind, trap, expected: OUTSIDE })),
    ...Object.entries(NO_FILE).map(([kind, trap]) => ({ kind, trap, expected: noFile })),
  ]
  for (const { kind, trap, expected } of all)
    test(`${name}: ${kind}`, async () => {
      const here = scene(text)
      if (at.startsWith('packages'))
        writeFileSync(
          join(here.root, 'package.json'),
          '{"name":"w","private":true,"workspaces":["packages/*"]}',
        )
      if (first !== undefined) {
        const made = await here.run(...first)
        assert.is(made.code, 'none', made.said)
      }
      trap(here, at)
      const result = await here.run(...words)
      assert.match(result.code, expected)
      assert.not.match(result.said, 'TOKEN')
      for (const file of existsSync(join(here.root, 'dist'))
        ? readdirSync(join(here.root, 'dist'))
        : [])
        if (file.endsWith('.gz'))
          assert.not.match(
            execFileSync('tar', ['xOzf', join(here.root, 'dist', file)], { encoding: 'latin1' }),
            'TOKEN',
          )
    })
}

test('git’s own folder below a folder of archives.files stays where it is', async () => {
  const { root, run } = scene(definition().replace('files: [LICENSE]', 'files: [docs]'))
  mkdirSync(join(root, 'docs/sub'), { recursive: true })
  writeFileSync(join(root, 'docs/sub/.git'), 'gitdir: ../../.git/modules/sub\n')
  writeFileSync(join(root, 'docs/sub/a.md'), 'text')
  assert.is((await run('build')).code, 'none')
  assert.is((await run('archive')).code, 'none')
  const name = readdirSync(join(root, 'dist')).find((file) => file.endsWith('.tar.gz'))
  const listed = execFileSync('tar', ['tzf', join(root, 'dist', name!)], { encoding: 'utf8' })
  assert.match(listed, 'docs/sub/a.md')
  assert.not.match(listed, '.git')
})

test('a folder that links to one above it has an end', async () => {
  const { root, run } = scene(definition().replace('files: [LICENSE]', 'files: [docs]'))
  mkdirSync(join(root, 'docs/a'), { recursive: true })
  symlinkSync('..', join(root, 'docs/a/up'))
  assert.is((await run('build')).code, 'none')
  assert.is((await run('archive')).code, 'ERR_NOT_A_FILE')
})

test.run()
