// What the image benchmark works on: programs of real machine code, and their archives.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { archive } from '@waybill/archive'
import { digestOf, type Artifact } from '@waybill/core'
import { COMMIT, PATH, VERSION, type Binary } from './job.ts'

export const MEGABYTE: number = 1024 * 1024
const ZIG = resolve(import.meta.dirname, '../../../../node_modules/.bin/zig')

/** Machine code as compilers make it: a part of Node's own. */
export function machineCode(at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const node = openSync(process.execPath, 'r')
  readSync(node, bytes, 0, length, at)
  closeSync(node)
  return bytes
}

/** Links machine code into a static program for each of two platforms. */
export function makeBinaries(folder: string): readonly Binary[] {
  writeFileSync(join(folder, 'service.s'), '.globl _start\n.text\n_start:\n.incbin "code"\n')
  return [
    link(folder, 'amd64', { target: 'x86_64-linux-musl', megabytes: 12 }),
    link(folder, 'arm64', { target: 'aarch64-linux-musl', megabytes: 16 }),
  ]
}

function link(
  folder: string,
  architecture: string,
  { target, megabytes }: { readonly target: string; readonly megabytes: number },
): Binary {
  const root = join(folder, architecture)
  const file = join(root, PATH)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(join(folder, 'code'), machineCode(megabytes * 4 * MEGABYTE, megabytes * MEGABYTE))
  const options = ['-target', target, '-nostdlib', '-static', '-s']
  execFileSync(ZIG, ['cc', ...options, '-o', file, 'service.s'], { cwd: folder })
  return { architecture, platform: `linux/${architecture}`, root, file }
}

/** Archives the programs as a release does, with SHA256SUMS; answers the folder. */
export async function makeReleased(folder: string, binaries: readonly Binary[]): Promise<string> {
  const out = join(folder, 'released')
  mkdirSync(out)
  const release = {
    component: 'service',
    path: '.',
    version: VERSION,
    tag: `v${VERSION}`,
    commit: COMMIT,
    created: 1_700_000_000,
  }
  const made = await archive(
    release,
    binaries.map((binary) => artifactOf(binary, folder)),
    { out: folder },
  )
  for (const { path, kind } of made)
    if (kind !== 'binary') renameSync(join(folder, path), join(out, path))
  return out
}

function artifactOf({ platform, file }: Binary, out: string): Artifact {
  const bytes = readFileSync(file)
  return {
    kind: 'binary',
    name: 'service',
    path: relative(out, file),
    digest: digestOf(bytes),
    size: bytes.byteLength,
    platform,
  }
}
