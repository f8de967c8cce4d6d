import { join } from 'node:path'
import {
  WaybillError,
  insideFolder,
  isWaybillError,
  streamInside,
  verified,
  type Artifact,
  type ByteStream,
} from '@waybill/core'
import type { ArchiveGroup } from './archive-names.ts'
import type { TarInput } from './tar/entry.ts'
import { sortEntries } from './tar/write-tar.ts'

/** The sorted members of one archive: its binaries, read from `out` and verified, and the extra files. @throws {ERR_NAME_CONFLICT} */
export function archiveEntries(
  group: ArchiveGroup,
  extra: readonly TarInput[],
  { created, out }: { readonly created: number; readonly out: string },
): TarInput[] {
  const binaries = group.binaries.map((binary) => binaryEntry(binary, out))
  const entries = sortEntries([...binaries, ...extra])
  const twice = entries.find((entry, index) => entry.path === entries[index + 1]?.path)
  if (twice !== undefined) {
    throw new WaybillError('ERR_NAME_CONFLICT', `${group.name}: two files named ${twice.path}`, {
      hint: 'Give the extra file another name with { from, to }.',
      outcome: 'usage',
    })
  }
  return entries.map((entry): TarInput => Object.assign({}, entry, { mtime: created }))
}

function binaryEntry(binary: Artifact, out: string): TarInput {
  const path = join(out, binary.path)
  const content = (): ByteStream => verified(binary, read(binary, out), path)
  return { path: binary.name, type: 'file', mode: 0o755, size: binary.size, content }
}

async function* read({ path }: Artifact, out: string): ByteStream {
  try {
    yield* streamInside(insideFolder, out, path)
  } catch (error) {
    if (!isWaybillError(error, 'ERR_FILE_MISSING')) throw error
    const file = join(out, path)
    throw new WaybillError('ERR_FILE_MISSING', `The binary ${file} is not there any more`, {
      hint: 'Build it again.',
      details: { file },
      cause: error,
    })
  }
}
