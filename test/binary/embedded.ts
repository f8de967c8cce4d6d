import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { inspect } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { environment, folderOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('embedded data')

function withSection(data: Uint8Array): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'data'), data)
  execFileSync('objcopy', ['--add-section', '.dep-v0=data', '/bin/true', 'out'], { cwd: folder })
  return join(folder, 'out')
}

testWith(
  test,
  ['binutils'],
  "reads cargo-auditable's packages, and passes over what is none",
  async () => {
    const packages = [
      { name: 'scim-server', version: '1.2.3', source: 'local', root: true, dependencies: [1] },
      { name: 'serde', version: '1.0.200', source: 'crates.io' },
    ]
    const good = deflateSync(JSON.stringify({ packages }))
    assert.equal((await inspect(withSection(good))).rust, { packages })
    for (const bad of [
      Buffer.from('nonsense'),
      good.subarray(0, 20),
      deflateSync('{"packages": 1}'),
    ]) {
      assert.is((await inspect(withSection(bad))).rust, null)
    }
    // A small section that would unpack to a gigabyte is not unpacked.
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024))
    assert.is((await inspect(withSection(bomb))).rust, null)
  },
)

testWith(test, ['go'], "agrees with `go version -m` on three systems' programs", async () => {
  const cwd = folderOf({
    'go.mod': 'module example.org/a\n\ngo 1.21\n',
    'main.go': 'package main\n\nfunc main() {}\n',
  })
  for (const GOOS of ['linux', 'windows', 'darwin']) {
    const env = { ...environment(), GOOS, GOARCH: 'amd64', CGO_ENABLED: '0' }
    execFileSync('go', ['build', '-trimpath', '-o', GOOS, '.'], { cwd, env, stdio: 'pipe' })
    const told = execFileSync('go', ['version', '-m', GOOS], { cwd, env, encoding: 'utf8' })
    const { go } = await inspect(join(cwd, GOOS))
    assert.ok(go !== null, GOOS)
    assert.is(`${GOOS}: ${go.version}`, told.split('\n')[0])
    for (const [key, value] of Object.entries(go.settings)) {
      assert.ok(told.includes(`\tbuild\t${key}=`), `${key} ${value}`)
    }
    assert.is(go.settings['GOOS'], GOOS)
    assert.is(go.path, 'example.org/a')
  }
})

test.run()
