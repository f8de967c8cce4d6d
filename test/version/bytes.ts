// Whatever stands in a file: either a planned edit replaces the version and no other byte, or planning says what is wrong.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWaybillError } from '@waybill/core'
import { applyVersions, planVersions, type VersionFile } from '@waybill/version'
import { temporaryFolder } from '../helpers/temporary.ts'
import { due, folderWith } from '../helpers/version.ts'

const test = suite('planVersions: bytes')

const ROUNDS = process.env['WAYBILL_FULL'] === '1' ? 5_000 : 60
// No file of the corpus holds these digits, so that what the edit brought is told from what was there.
const TO = '7777.8888.9999'

interface Sample {
  readonly file: Exclude<VersionFile, string>
  readonly text: string
}

const SAMPLES: readonly Sample[] = [
  {
    file: { path: 'package.json' },
    text: '{\r\n\t"name": "\\u00e9\u00E9\u00FF",\r\n\t"a": [1, {"version": "1.0.0"}],\r\n\t"version" : "1.0.0",\r\n\t"z": "\\\\\\""\r\n}',
  },
  {
    file: { path: 'a.json', keys: ['a[0]["b.c"].v'] },
    text: '// c\n{"a":[{"b.c":{"v":"1.0.0"},},],"é":"\u00C3\u00A9",}\n',
  },
  {
    file: { path: 'Cargo.toml' },
    text: '# \u00C3\u00A9 \u00E9\n[package]\nname = "a"\nversion="1.0.0"#v\nt = """\nversion = "2.0.0"\n"""\n[[bin]]\nversion = \'3.0.0\'\n[dependencies.x]\nversion = "4.0.0"\n',
  },
  {
    file: { path: 'a.toml', keys: ['x."y z"[1].v'] },
    text: 'x = { "y z" = [ { v = \'0\' }, { v = "1.0.0" } ] }\r\n\r\nlast = 1979-05-27T07:32:00Z',
  },
  {
    file: { path: 'Chart.yaml', keys: ['version'] },
    text: '%YAML 1.2\n---\n# \u00C3\u00A9\na: &x { version: 9 }\nb: |\n  version: 2.0.0\nversion:   1.0.0   # \u00E9\nc: *x\n...\n---\nd: 1\n',
  },
  {
    file: { path: 'values.yaml', keys: ["images[*]['tag']"] },
    text: 'images:\r\n- {name: a, tag: "1.0.0"}\r\nother: [tag, 1.0.0]\r\n',
  },
  { file: { path: 'version' }, text: '\n\tv1.0.0 \r\n' },
  {
    file: { path: 'v.go', pattern: '^const V = "{version}"$' },
    text: '\u00FFpackage main\r\nconst W = "1.0.0"\nconst V = "1.0.0"\n\u0000',
  },
]

function mutated(bytes: Uint8Array, round: number): Uint8Array {
  let state = round * 2_654_435_761
  const next = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below)
  }
  const copy = [...bytes]
  for (let count = next(4); count > 0; count -= 1) {
    const at = next(copy.length)
    const kind = next(4)
    if (kind === 0) copy[at] = next(256)
    else if (kind === 1) copy.splice(at, 1 + next(5))
    else if (kind === 2) copy.splice(at, 0, next(256), next(128))
    else copy.splice(at, 0, ...copy.slice(next(copy.length), next(copy.length)))
  }
  return Uint8Array.from(copy)
}

/** What stands between the longest beginning and end that two texts share. */
function difference(before: Buffer, after: Buffer): { from: string; to: string } {
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const cut = (bytes: Buffer): string =>
    bytes.subarray(start, bytes.length - end).toString('latin1')
  return { from: cut(before), to: cut(after) }
}

for (const { file, text } of SAMPLES) {
  test(`${file.path}: the version and nothing else is replaced`, async () => {
    const cwd = await folderWith({ [file.path]: Buffer.from(text, 'latin1') })
    const options = { cwd, versionFiles: { app: [file] } }
    await applyVersions(await planVersions([due('app', { to: TO })], options), { cwd })
    const after = readFileSync(join(cwd, file.path))
    assert.equal(difference(Buffer.from(text, 'latin1'), after), { from: '1.0.0', to: TO })
  })

  test(`${file.path}: ${ROUNDS} mutations edit one place or fail with a reason`, async () => {
    const cwd = temporaryFolder('bytes')
    const place = join(cwd, file.path)
    let edited = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      const before = Buffer.from(mutated(Buffer.from(text, 'latin1'), round))
      writeFileSync(place, before)
      try {
        const options = { cwd, versionFiles: { app: [file] }, changelog: 'never' as const }
        const plan = await planVersions([due('app', { to: TO })], options)
        if (plan.files.flatMap(({ edits }) => edits).length !== 1) continue
        await applyVersions(plan, { cwd })
      } catch (error) {
        if (!isWaybillError(error)) throw new Error(`round ${round}`, { cause: error })
        assert.equal(readFileSync(place), before, `round ${round}: changed although it failed`)
        continue
      }
      edited += 1
      const { to } = difference(before, readFileSync(place))
      assert.is(to, TO, `round ${round}`)
    }
    assert.ok(edited > ROUNDS / 10, `only ${edited} of ${ROUNDS} were edited`)
  })
}

test.run()
