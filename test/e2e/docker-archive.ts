// Docker archives on the command line: read from a file or a pipe, plain or compressed, and written to either.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { BIN, run, waybill, type CliResult } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { digestOfTag } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Scene {
  readonly image: ReleasedImage
  /** The image's amd64 half as a docker archive, plain. */
  readonly archive: string
  readonly folder: string
}

const test = suite<Scene>('docker archives on the command line')

const binary = ({ artifacts }: ReleasedImage): string[] => [
  '--binary',
  `linux/amd64=${join(artifacts, 'app-amd64')}`,
]

/** Makes an image of one platform. */
function make(image: ReleasedImage, more: readonly string[]): Promise<CliResult> {
  const given = more.includes('--base') ? [] : ['--base', 'scratch']
  return waybill(['image', ...binary(image), '--path', '/app', ...given, ...more])
}

/** Runs the command line within a line of shell. */
const shell = (line: string, ...words: readonly string[]): Promise<CliResult> =>
  run('bash', ['-o', 'pipefail', '-c', line, process.execPath, BIN, ...words])

const good = (result: CliResult): CliResult => {
  assert.is(result.code, 0, result.stderr + result.stdout)
  return result
}

test.before(async (scene) => {
  const image = await createReleasedImage()
  const folder = temporaryFolder('archives')
  // An archive holds one platform, so what was released is one too.
  rmSync(join(image.artifacts, 'app-arm64'))
  const sums = readFileSync(join(image.artifacts, 'SHA256SUMS'), 'utf8')
  writeFileSync(join(image.artifacts, 'SHA256SUMS'), sums.replace(/.*app-arm64\n/, ''))
  const archive = join(folder, 'app.tar')
  good(await make(image, ['--out', archive, '--reference', 'acme/app:1']))
  Object.assign(scene, { image, archive, folder })
})

test('image --out writes one: plain, compressed by its ending, or to standard output', async ({
  image,
  archive,
  folder,
}) => {
  const plain = readFileSync(archive)
  good(await make(image, ['--out', join(folder, 'app.tar.gz'), '--reference', 'acme/app:1']))
  assert.equal(gunzipSync(readFileSync(join(folder, 'app.tar.gz'))), plain)
  const piped = join(folder, 'piped.tar')
  const words = [...binary(image), '--path', '/app', '--base', 'scratch']
  const named = ['--reference', 'acme/app:1', '--out', '-']
  const { stderr } = good(await shell(`"$0" "$@" > ${piped}`, 'image', ...words, ...named))
  assert.equal(readFileSync(piped), plain)
  assert.match(stderr, /sha256:/)
})

test('verify, drift and publish read it, from a file or a pipe, plain or compressed', async ({
  image,
  archive,
  folder,
}) => {
  const zipped = join(folder, 'no-ending')
  writeFileSync(zipped, gzipSync(readFileSync(archive)))
  const checking = ['--artifacts', image.artifacts, '--json']
  for (const place of [archive, zipped, `${archive}:acme/app:1`]) {
    const { json } = good(await waybill(['verify', place, ...checking]))
    assert.is((json()['checked'] as unknown[]).length, 1)
  }
  for (const file of [archive, zipped])
    good(await shell(`"$0" "$@" < ${file}`, 'verify', '-', ...checking))
  good(await waybill(['drift', archive, zipped]))
  good(await shell(`cat ${archive} | "$0" "$@"`, 'drift', '-', archive))
  const registry = await startRegistry()
  try {
    const repository = `${registry.address}/acme/app`
    const words = publishWords({ ...image, layout: archive }, '1.0.0', [repository])
    const { json } = good(await waybill(words))
    const [result] = json()['results'] as [{ digest: string }]
    assert.is(await digestOfTag(registry.address, 'acme/app', '1.0.0'), result.digest)
    const piped = publishWords({ ...image, layout: '-' }, '1.0.0', [repository])
    good(await shell(`"$0" "$@" < ${zipped}`, ...piped))
    good(await waybill(['drift', archive, `${repository}:1.0.0`]))
  } finally {
    await registry.close()
  }
})

test('image --base takes one, from a file or a pipe, and gives the same digest', async ({
  image,
  archive,
  folder,
}) => {
  const out = (name: string): string[] => ['--out', join(folder, name), '--json']
  const more = ['--path', '/second']
  const words = ['image', ...binary(image), ...more]
  const file = good(await waybill([...words, '--base', archive, ...out('one')])).json()
  const pipe = good(
    await shell(`cat ${archive} | "$0" "$@"`, ...words, '--base', '-', ...out('two')),
  ).json()
  const [one, two] = [file, pipe].map((json) => (json['platforms'] as { layers: unknown[] }[])[0]!)
  assert.equal(one!.layers, two!.layers)
  assert.is(one!.layers.length, 2)
  const annotations = readFileSync(join(folder, 'one/index.json'), 'utf8')
  assert.not.match(annotations, folder)
})

test('a stream that was cut short is an error, and leaves nothing anywhere', async ({
  image,
  archive,
  folder,
}) => {
  const cut = join(folder, 'cut.tar')
  const bytes = readFileSync(archive)
  for (const size of [0, 100, 700, bytes.length >> 1, bytes.length - 1200]) {
    writeFileSync(cut, bytes)
    truncateSync(cut, size)
    const out = join(folder, 'from-cut')
    const result = await shell(
      `"$0" "$@" < ${cut}`,
      'image',
      ...binary(image),
      '--path',
      '/x',
      '--base',
      '-',
      '--out',
      out,
    )
    assert.is(result.code, 1, `${size}: ${result.stderr}`)
    assert.match(result.stderr, /ERR_(?:INVALID_TAR|INVALID_IMAGE|CONTENT_MISSING|UNKNOWN_ARCHIVE)/)
    assert.not.ok(existsSync(out))
    const verified = await waybill(['verify', cut, '--artifacts', image.artifacts, '--json'])
    assert.is(verified.code, 1)
  }
})

test('what an archive cannot be is refused before anything is made: exit 2', async ({
  image,
  folder,
}) => {
  const out = ['--out', join(folder, 'never.tar')]
  const both = [...binary(image), '--binary', `linux/arm64=${join(image.artifacts, 'app-arm64')}`]
  const words = ['image', '--path', '/app', '--base', 'scratch']
  for (const [more, message] of [
    [[...both, ...out], /holds one platform, not linux\/amd64, linux\/arm64/],
    [[...binary(image), '--out', '-', '--json'], /--out - and --json/],
  ] as const) {
    const result = await waybill([...words, ...more])
    assert.is(result.code, 2, result.stderr)
    assert.match(result.stdout + result.stderr, message)
  }
  assert.is((await waybill(['drift', '-', '-'])).code, 2)
  assert.not.ok(readdirSync(folder).some((name) => name.startsWith('never')))
})

test('a full disk leaves no part of an archive', async ({ image, folder }) => {
  const name = join(folder, 'full.tar')
  const result = await run('bash', [
    '-c',
    'ulimit -f 2; exec "$0" "$@"',
    process.execPath,
    BIN,
    'image',
    ...binary(image),
    '--path',
    '/app',
    '--base',
    'scratch',
    '--out',
    name,
  ])
  assert.is.not(result.code, 0)
  assert.not.ok(readdirSync(folder).some((file) => file.startsWith('full')))
})

test('a path that leads nowhere is no Docker Hub name; what could be one says so', async () => {
  const artifacts = temporaryFolder()
  for (const path of ['./no-such', '/no/such', 'dist/', 'no-such.tar', '../no-such', 'x.tar.gz']) {
    const result = await waybill(['verify', path, '--artifacts', artifacts])
    assert.is(result.code, 2, `${path}: ${result.stderr}`)
    assert.match(result.stderr, `There is no folder or file ${path}`)
  }
  const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '', no_proxy: '' }
  const hub = await waybill(['verify', 'dist/imagge', '--artifacts', artifacts], { env })
  assert.is(hub.code, 4, hub.stderr)
  assert.match(
    hub.stderr,
    'no folder or file "dist/imagge" is here, so it is taken for docker.io/dist/imagge',
  )
})

testWith(
  test,
  ['docker'],
  'docker loads it from the pipe and runs it; what it saves is read back',
  async ({ image, folder }) => {
    const tag = `waybill-test/app:${process.pid}`
    const words = [
      'image',
      ...binary(image),
      '--path',
      '/app',
      '--base',
      'scratch',
      '--reference',
      tag,
    ]
    good(await shell('"$0" "$@" | /usr/bin/docker load --quiet', ...words, '--out', '-'))
    try {
      execFileSync('/usr/bin/docker', ['run', '--rm', '--network', 'none', tag])
      const saved = join(folder, 'saved.tar')
      execFileSync('/usr/bin/docker', ['save', '--output', saved, tag])
      good(await waybill(['verify', saved, '--artifacts', image.artifacts]))
      good(
        await shell(
          `/usr/bin/docker save ${tag} | "$0" "$@"`,
          'verify',
          '-',
          '--artifacts',
          image.artifacts,
        ),
      )
    } finally {
      execFileSync('/usr/bin/docker', ['rmi', '--force', tag], { stdio: 'ignore' })
    }
  },
)

test.run()
