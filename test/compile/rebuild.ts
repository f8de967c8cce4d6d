import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, compile, explainDifference, rebuild, zig } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyExample, environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('rebuild')
const release = releaseOf('hello')
const platforms = ['linux/amd64']
const env = environment()

testWith(test, ['zig'], 'builds the same bytes elsewhere', async () => {
  const cwd = copyExample('hello/services/hello')
  const toolchain = zig({ binary: 'hello', versionDefine: 'VERSION' })
  const [artifact] = await compile(release, toolchain, { cwd, env, platforms })
  const report = await rebuild(artifact!, { release, toolchain, cwd, env })
  assert.equal(report.findings, [])
  assert.ok(report.ok)
  assert.is(report.checked[0]!.found, artifact!.digest)
})

testWith(test, ['zig'], 'names the section and the folder that make a difference', async () => {
  const cwd = folderOf({ 'a.c': '#include <stdio.h>\nint main(void) { puts(WHERE); return 0; }\n' })
  const script = 'zig cc -target x86_64-linux-gnu.2.28 -O2 -g0 -s -DWHERE="\\"$PWD\\"" a.c -o "$0"'
  const toolchain = command({ binary: 'a', command: ['sh', '-c', script, '{output}'] })
  const [artifact] = await compile(release, toolchain, { cwd, env, platforms })
  const report = await rebuild(artifact!, { release, toolchain, cwd, env })
  assert.not.ok(report.ok)
  const messages = report.findings.map(({ message }) => message).join('\n')
  assert.match(messages, /^\.rodata: first at byte/m)
  assert.match(messages, new RegExp(`the folder ${cwd} is written into the binary`))
})

test('says where one changed byte lies', async () => {
  const folder = temporaryFolder()
  const bytes = readFileSync('/bin/true')
  const changed = Buffer.from(bytes)
  const at = changed.indexOf('GNU coreutils')
  changed[at] = 0x58
  writeFileSync(join(folder, 'changed'), changed)
  copyFileSync('/bin/true', join(folder, 'same'))
  assert.equal(await explainDifference('/bin/true', join(folder, 'same')), [])
  const findings = await explainDifference('/bin/true', join(folder, 'changed'))
  assert.is(findings.length, 1)
  assert.match(findings[0]!.message, /^\.rodata: first at byte \d+: "GNU coreutils.*" and "XNU/)
})

test.run()
