// What goes wrong around a release: one clear line on what is wrong and what to do, no stack, the right exit code, nothing half-written.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { clear } from '../helpers/clear.ts'
import { BIN, run, waybill } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('bad input')
const isRoot = process.getuid?.() === 0

const definition = (build: string): string => `schemaVersion: 1
components:
  app:
    path: app
    tag: "app-v{version}"
    builds: [${build}]
`

test('a missing compiler says how to install it', async () => {
  const repository = createRepository()
  repository.commit({
    message: 'feat: first',
    files: {
      'waybill.yaml': definition(
        '{ toolchain: zig, binary: app, sources: [main.c], platforms: [linux/amd64] }',
      ),
      'app/main.c': 'int main(void){return 0;}',
    },
  })
  const result = await run(process.execPath, [BIN, 'build', '--cwd', repository.path], {
    env: { PATH: gitOnly() },
  })
  clear(result, 1, /zig/)
  assert.match(result.stderr, /install/i)
  assert.not.ok(existsSync(join(repository.path, 'dist/waybill.json')))
})

testWith(test, ['zig'], 'without sources, every C file of the folder is built', async () => {
  const repository = createRepository()
  const build = '{ toolchain: zig, binary: app, platforms: [linux/amd64] }'
  const files = { 'waybill.yaml': definition(build), 'app/app.c': 'int main(void){return 0;}' }
  repository.commit({ message: 'feat: first', files })
  const result = await waybill(['build', '--cwd', repository.path])
  assert.is(result.code, 0, result.stderr)
  assert.ok(existsSync(join(repository.path, 'dist/linux-amd64/app')))
})

// A PATH with git and sh alone.
function gitOnly(): string {
  const folder = temporaryFolder('path')
  for (const name of ['git', 'sh']) {
    const file = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    writeFileSync(
      join(folder, name),
      `#!${name === 'sh' ? file : '/bin/sh'}\nexec ${file} "$@"\n`,
      { mode: 0o755 },
    )
  }
  return folder
}

test('a port in use is named', async () => {
  const registry = await startRegistry()
  clear(
    await waybill(['registry', '--listen', registry.address]),
    1,
    new RegExp(`${registry.address.split(':')[1]}`),
  )
  await registry.close()
})

test('a registry that does not answer is "could not find out": exit 4, and nothing was written', async () => {
  const image = await createReleasedImage()
  const registry = await startRegistry()
  await registry.close()
  const result = await waybill(
    publishWords(image, '1.0.0', [`${registry.address}/acme/app`]).filter(
      (word) => word !== '--json',
    ),
  )
  clear(result, 4, new RegExp(registry.address))
})

test('an image without a proof is refused, and so are both kinds of proof at once', async () => {
  const { layout, artifacts } = await createReleasedImage()
  const words = ['publish', layout, '--version', '1.0.0', '--to', '127.0.0.1:9/acme/app', '--yes']
  clear(await waybill(words), 1, /ERR_UNPROVEN/)
  clear(
    await waybill([...words, '--artifacts', artifacts, '--waive-identity', 'because']),
    2,
    /contradict/,
  )
})

if (isRoot) {
  test('a full disk: says so, and leaves nothing half-written', async () => {
    const small = temporaryFolder('small')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small])
    try {
      const big = join(temporaryFolder('big'), 'app')
      writeFileSync(big, await bigProgram())
      const result = await waybill([
        'image',
        '--binary',
        `linux/amd64=${big}`,
        '--base',
        'scratch',
        '--path',
        '/app',
        '--out',
        join(small, 'layout'),
      ])
      clear(result, 1, /[Nn]o space left/)
      assert.equal(readdirSync(small), [])
    } finally {
      execFileSync('umount', [small])
    }
  })

  test('a full disk under the journal: exit 5, no rolling tag moves; elsewhere the same call finishes', async () => {
    const image = await createReleasedImage()
    const registry = await startRegistry()
    const small = temporaryFolder('small')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small])
    try {
      writeFileSync(join(small, 'fill'), Buffer.alloc(16 * 1024))
      const words = publishWords(image, '1.0.0', [`${registry.address}/acme/app`])
      const full = await waybill([...words, '--journal', join(small, 'journal')])
      assert.is(full.code, 5, full.stdout)
      assert.match(full.stdout, /ERR_DISK_FULL[^]*the immutable names stand/)
      const tags = await tagsOf(registry.address, 'acme/app')
      assert.equal(tags.toSorted(), ['1.0.0', 'sha-1a2b3c4'])
      const done = await waybill([...words, '--journal', temporaryFolder('journal')])
      assert.is(done.code, 0, done.stdout)
    } finally {
      execFileSync('umount', [small])
      await registry.close()
    }
  })

  test('a receipt that cannot be written: exit 5, everything is published; elsewhere the same call writes it', async () => {
    const image = await createReleasedImage()
    const registry = await startRegistry()
    try {
      const words = publishWords(image, '1.0.0', [`${registry.address}/acme/app`])
      const lost = await waybill([...words, '--receipt', '/dev/full/receipt.json'])
      assert.is(lost.code, 5, lost.stdout)
      assert.match(lost.stdout, 'everything is published')
      const file = join(temporaryFolder('receipt'), 'new/receipt.json')
      assert.is((await waybill([...words, '--receipt', file])).code, 0)
      const { results } = JSON.parse(readFileSync(file, 'utf8')) as {
        results: { outcome: string }[]
      }
      assert.ok(results.every(({ outcome }) => outcome === 'unchanged'))
    } finally {
      await registry.close()
    }
  })

  test('a folder that may not be written, as an unprivileged user', async () => {
    const { artifacts } = await createReleasedImage()
    const closed = temporaryFolder('closed')
    chmodSync(closed, 0o555)
    const copy = temporaryFolder('unprivileged')
    cpSync(artifacts, join(copy, 'released'), { recursive: true })
    mkdirSync(join(copy, 'home'))
    for (const path of [copy, join(copy, 'released'), join(copy, 'home')]) chmodSync(path, 0o755)
    chownSync(join(copy, 'home'), 65534, 65534)
    const words = [
      'image',
      '--binary',
      `linux/amd64=${join(copy, 'released/app-amd64')}`,
      '--base',
      'scratch',
      '--path',
      '/app',
      '--out',
      join(closed, 'layout'),
    ]
    const result = await run(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, BIN, ...words],
      { env: { HOME: join(copy, 'home') } },
    )
    clear(result, 1, /[Nn]ot allowed to write/)
    assert.equal(readdirSync(closed), [])
  })
} else {
  test.skip('a full disk and a read-only folder need root to be set up')
}

// Bytes that compression can't shrink.
async function bigProgram(): Promise<Buffer> {
  const { randomBytes } = await import('node:crypto')
  const { tinyElf } = await import('../helpers/tiny-elf.ts')
  return Buffer.concat([tinyElf('linux/amd64'), randomBytes(300_000)])
}

test.run()
