import { createReadStream, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import {
  algorithmOf,
  createDigester,
  digestMismatch,
  WaybillError,
  writeFileAtomic,
  type Digester,
} from '@waybill/core'
import type { NpmPackageClient } from './place.ts'

/**
 * Copies the packed file, once, to a folder that only this user may look into, and hashes it on the way: npm reads the file by its name, and
 * what it publishes is what was compared. The folder goes with the process.
 * @throws {ERR_DIGEST_MISMATCH} naming the file, expected and found.
 */
export function packedFile(place: Omit<NpmPackageClient, 'file'>): () => Promise<string> {
  let copy: Promise<string> | undefined
  return () => {
    copy ??= copyOf(place)
    // What failed may be right the next time.
    copy.catch(() => (copy = undefined))
    return copy
  }
}

async function copyOf({
  packed,
  digest,
  context,
}: Omit<NpmPackageClient, 'file'>): Promise<string> {
  const path = resolve(context.cwd, packed.filename)
  const folder = join(await (shared ??= makeFolder()), `${count++}`)
  const digester = createDigester(algorithmOf(digest))
  const file = join(folder, basename(path))
  await writeFileAtomic(file, watched(path, digester), { mode: 0o600 })
  const found = digester.digest()
  if (found === digest) return file
  await rm(folder, { recursive: true, force: true })
  const { message, details } = digestMismatch(packed.filename, digest, found)
  throw new WaybillError('ERR_DIGEST_MISMATCH', message, {
    hint: 'The file was changed after it was packed; pack again and make a new plan.',
    details,
  })
}

let shared: Promise<string> | undefined
let count = 0

async function makeFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'waybill-npm-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}

async function* watched(path: string, digester: Digester): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path)) {
    digester.update(chunk as Uint8Array)
    yield chunk as Uint8Array
  }
}
