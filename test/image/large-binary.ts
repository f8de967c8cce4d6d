// A binary of a gigabyte (WAYBILL_FULL=1; an eighth of that otherwise) is assembled, proved, written and verified in little memory.
import { execFileSync } from 'node:child_process'
import { closeSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tinyElf } from '../helpers/tiny-elf.ts'
import { waybill } from '../helpers/cli.ts'
import { startRegistryProcess } from '../helpers/registry-process.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('a large binary')
const MEGABYTE = 1024 * 1024
const size = process.env['WAYBILL_FULL'] === '1' ? 1024 : 128

/** Writes a program of many megabytes, half of it hard to compress. */
function writeLarge(path: string): void {
  const file = openSync(path, 'w', 0o755)
  const block = Buffer.alloc(MEGABYTE)
  let state = 1
  for (let at = 0; at < MEGABYTE / 2; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    block[at] = state >>> 16
  }
  for (let count = 0; count < size; count++) {
    block.writeUInt32LE(count, MEGABYTE - 4)
    const head = count === 0 ? tinyElf('linux/amd64', 'large', MEGABYTE) : block
    writeSync(file, head)
  }
  closeSync(file)
}

const WORK = `
  import { createReadStream } from 'node:fs'
  import { createDigester } from '@waybill/core'
  import { assemble, checkIdentity, proveIdentity } from '@waybill/image'
  import { loadContent, writeLayout } from '@waybill/oci'
  const [folder, size] = process.argv.slice(1)
  const digester = createDigester()
  for await (const chunk of createReadStream(folder + '/large')) digester.update(chunk)
  const digest = digester.digest()
  const artifact = { kind: 'binary', name: 'large', path: 'large', digest, size: Number(size), platform: 'linux/amd64' }
  const release = { component: 'large', created: 1, version: '1.0.0' }
  const image = await assemble(release, [artifact], { base: 'scratch', path: '/large', out: folder })
  const proven = await proveIdentity(image, [artifact], { out: folder })
  const layout = await writeLayout(proven.content, folder + '/layout')
  const content = await loadContent(layout, image.descriptor)
  const report = await checkIdentity(content, [artifact], { out: folder })
  console.log(JSON.stringify({ ok: report.ok, memory: process.resourceUsage().maxRSS * 1.024e-3 }))`

test('is assembled, proved, written and verified within 150 MB', () => {
  const folder = temporaryFolder('large')
  writeLarge(join(folder, 'large'))
  const args = ['--input-type=module', '--eval', WORK, folder, String(size * MEGABYTE)]
  const { ok, memory } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  assert.ok(ok)
  assert.ok(memory < 150, `${memory.toFixed(0)} MB`)
  if (process.env['WAYBILL_FULL'] === '1')
    console.log(`${size} MB: ${memory.toFixed(0)} MB of memory`)
})

// What a process says of itself when it ends.
const SAY = `data:text/javascript,process.on('exit',()=>console.error('maxRSS='+process.resourceUsage().maxRSS))`

async function measured(words: readonly string[]): Promise<void> {
  const { code, stderr, stdout } = await waybill(words, {
    env: { NODE_OPTIONS: `--import ${SAY}` },
  })
  assert.is(code, 0, stderr + stdout)
  const memory = Number(/maxRSS=(\d+)/.exec(stderr)?.[1]) * 1.024e-3
  assert.ok(memory < 150, `${words[0]}: ${memory.toFixed(0)} MB`)
  if (size === 1024) console.log(`${words[0]}: ${memory.toFixed(0)} MB of memory`)
}

test('is published to two registries, verified there, and goes through a docker archive within 150 MB', async () => {
  const folder = temporaryFolder('large')
  writeLarge(join(folder, 'large'))
  const registries = await Promise.all(
    ['a', 'b'].map((name) => startRegistryProcess(['--root', join(folder, name)])),
  )
  try {
    const names = registries.map(({ address }) => `${address}/acme/large`)
    const artifacts = ['--artifacts', join(folder, 'released')]
    mkdirSync(join(folder, 'released'))
    linkSync(join(folder, 'large'), join(folder, 'released/large'))
    const binary = ['--binary', `linux/amd64=${join(folder, 'large')}`, '--base', 'scratch']
    const image = ['image', ...binary, '--path', '/large', '--cwd', folder]
    const to = names.flatMap((name) => ['--to', name])
    await measured([...image, ...to, '--version', '1.0.0', ...artifacts])
    await measured(['verify', `${names[1]}:1.0.0`, ...artifacts])
    const archive = join(folder, 'large.tar')
    await measured([...image, '--out', archive])
    await measured(['verify', archive, ...artifacts])
  } finally {
    await Promise.all(registries.map((registry) => registry.stop()))
  }
})

test.run()
