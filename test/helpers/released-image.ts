import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { waybill } from './cli.ts'
import { temporaryFolder } from './temporary.ts'
import { tinyElf, type TinyPlatform } from './tiny-elf.ts'

export const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f80912a3b4c5'

/** Released files and the image made of them, as the command line writes them. */
export interface ReleasedImage {
  readonly folder: string
  /** The released files: a program a platform, and SHA256SUMS. */
  readonly artifacts: string
  /** The OCI layout. */
  readonly layout: string
  readonly digest: string
}

/** Makes released files for two platforms and an image of them on nothing. */
export async function createReleasedImage(mark = 'one'): Promise<ReleasedImage> {
  const folder = temporaryFolder('released')
  const artifacts = join(folder, 'released')
  mkdirSync(artifacts)
  const platforms: readonly TinyPlatform[] = ['linux/amd64', 'linux/arm64']
  const files = platforms.map((platform) => ({
    name: `app-${platform.split('/')[1]}`,
    platform,
    bytes: tinyElf(platform, mark, 4096),
  }))
  for (const { name, bytes } of files) writeFileSync(join(artifacts, name), bytes, { mode: 0o755 })
  const sums = files.map(
    ({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`,
  )
  writeFileSync(join(artifacts, 'SHA256SUMS'), sums.join(''))
  const layout = join(folder, 'layout')
  const binaries = files.flatMap(({ name, platform }) => [
    '--binary',
    `${platform}=${join(artifacts, name)}`,
  ])
  const made = await waybill([
    'image',
    ...binaries,
    '--base',
    'scratch',
    '--path',
    '/app',
    '--commit',
    COMMIT,
    '--out',
    layout,
    '--json',
  ])
  assert.is(made.code, 0, made.stderr + made.stdout)
  return { folder, artifacts, layout, digest: String(made.json()['digest']) }
}

/** The words that publish it as a version. */
export function publishWords(
  { layout, artifacts }: ReleasedImage,
  version: string,
  repositories: readonly string[],
): string[] {
  const to = repositories.flatMap((repository) => ['--to', repository])
  return [
    'publish',
    layout,
    '--version',
    version,
    '--artifacts',
    artifacts,
    '--path',
    '/app',
    ...to,
    '--yes',
    '--json',
  ]
}
