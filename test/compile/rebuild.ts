import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, type Artifact, type MatrixCell } from '@waybill/core'
import { command, compile, explainDifference, joinCells, rebuild, zig } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { copyExample, environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('rebuild and joinCells')
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

function partsOf(commit = release.commit): string {
  const folder = temporaryFolder('cells')
  for (const architecture of ['amd64', 'arm64']) {
    const path = `linux-${architecture}/hello`
    const part = join(folder, `cell-${architecture}`)
    mkdirSync(join(part, `linux-${architecture}`), { recursive: true })
    writeFileSync(join(part, path), architecture)
    chmodSync(join(part, path), 0o644) // what an artifact store leaves of the executable bit
    const artifact: Artifact = {
      kind: 'binary',
      name: 'hello',
      path,
      digest: digestOf(architecture),
      size: 5,
      platform: `linux/${architecture}`,
      component: 'hello',
    }
    const record = { schemaVersion: 1, releases: [{ ...release, commit }], artifacts: [artifact] }
    writeFileSync(join(part, 'waybill.json'), JSON.stringify(record))
  }
  return folder
}

const cell = (architecture: string, required = true): MatrixCell => ({
  id: `hello-linux-${architecture}`,
  component: 'hello',
  toolchain: 'zig',
  platform: `linux/${architecture}`,
  required,
})

test('joins cells and restores the executable bit', async () => {
  const out = temporaryFolder('out')
  const matrix = [cell('amd64'), cell('arm64'), cell('riscv64', false)]
  const artifacts = await joinCells(partsOf(), { out, releases: [release], matrix })
  assert.equal(
    artifacts.map(({ path }) => path),
    ['linux-amd64/hello', 'linux-arm64/hello'],
  )
  assert.is(statSync(join(out, 'linux-arm64/hello')).mode & 0o777, 0o755)
})

test('refuses to join parts that are missing, foreign or changed', async () => {
  const options = { out: temporaryFolder('out'), releases: [release], matrix: [cell('amd64')] }
  const missing = { ...options, matrix: [cell('amd64'), cell('s390x')] }
  const error = await rejects(joinCells(partsOf(), missing), 'ERR_CELL_MISSING')
  assert.match(error.message, /hello-linux-s390x/)
  await rejects(joinCells(partsOf('b'.repeat(40)), options), 'ERR_CELL_FOREIGN')
  const changed = partsOf()
  writeFileSync(join(changed, 'cell-arm64/linux-arm64/hello'), 'other')
  await rejects(joinCells(changed, options), 'ERR_DIGEST_MISMATCH')
})

test.run()
