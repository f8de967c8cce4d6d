import { basename, dirname, join } from 'node:path'
import {
  WaybillError,
  assertNotCancelled,
  createContext,
  createDigester,
  findRoot,
  insideFolder,
  namedPlace,
  digestOf,
  inStep,
  mapLimit,
  writeFileAtomic,
  type Artifact,
  type ByteStream,
  type Context,
  type ContextOptions,
  type Digester,
  type Release,
} from '@waybill/core'
import { archiveEntries } from './archive-entries.ts'
import { groupByName, tripleOf, type ArchiveGroup } from './archive-names.ts'
import { formatChecksums } from './checksums.ts'
import { isSameFile } from './same-file.ts'
import { findExtraFiles, type ExtraFile } from './extra-files.ts'
import { gzip } from './gzip.ts'
import type { TarInput } from './tar/entry.ts'
import { writeTar } from './tar/write-tar.ts'
import { writeZip } from './zip/write-zip.ts'
import { assertZstd, zstd } from './zstd.ts'

export type ArchiveFormat = 'tar.gz' | 'tar.zst' | 'zip'

export interface ArchiveOptions extends ContextOptions {
  /** @default ['tar.gz'] */
  readonly formats?: readonly ArchiveFormat[] | undefined
  /**
   * Template of the name without the format's ending: {binary}, {triple} (without a glibc version), {os}, {architecture}, {component}, {version}, {tag}.
   * Binaries of one platform that get the same name share an archive. @default '{binary}-{triple}'
   */
  readonly name?: string | undefined
  /** Licence and other files for every archive: paths below the component's folder, else below `cwd`. */
  readonly files?: readonly ExtraFile[] | undefined
  /** Of gzip and zip, 0 to 9. @default 6 */
  readonly level?: number | undefined
}

/**
 * Packs binaries for download: one archive for each name and format in `out`, a `.sha256` beside each, and SHA256SUMS over all.
 * The same binaries give the same bytes on every run: sorted entries, owner 0, modes 0755 and 0644, the commit's time. The binaries' digests are checked while reading.
 * @throws {ERR_NO_BINARIES} {ERR_NAME_CONFLICT} {ERR_FILE_MISSING} {ERR_OUTSIDE_REPOSITORY} {ERR_NOT_A_FILE} {ERR_ZSTD_MISSING} {ERR_DIGEST_MISMATCH} {ERR_DISK_FULL}
 */
export async function archive(
  release: Release,
  binaries: readonly Artifact[],
  options: ArchiveOptions = {},
): Promise<Artifact[]> {
  const context = createContext(options)
  const formats = checkFormats(options.formats ?? ['tar.gz'])
  if (binaries.length === 0) throw noBinaries(release)
  const groups = groupByName(release, binaries, options.name ?? '{binary}-{triple}')
  const roots = [join(context.cwd, release.path), context.cwd]
  const repository = await findRoot(context.cwd)
  const extra = await findExtraFiles(options.files ?? [], { repository, roots })
  await namedPlace(repository, context.out)
  const work = groups.flatMap((group) => formats.map((format) => ({ group, format })))
  const level = options.level ?? 6
  const archives = await mapLimit(work, context.jobs, ({ group, format }) => {
    const artifact = describeArchive(release, group, format)
    const entries = archiveEntries(group, extra, { created: release.created, out: context.out })
    const open = (): ByteStream => pack(format, entries, level)
    const make = (): Promise<Artifact> => write(context, open, artifact)
    return inStep(context.progress, `archive ${artifact.name}`, make, ({ size }) => `${size} bytes`)
  })
  return [...archives, ...(await writeChecksums(context, release, archives))]
}

function noBinaries(release: Release): WaybillError {
  return new WaybillError('ERR_NO_BINARIES', `${release.component}: no binary to archive`, {
    hint: 'Build first, and pass on what compile returned.',
    outcome: 'usage',
  })
}

function checkFormats(formats: readonly ArchiveFormat[]): readonly ArchiveFormat[] {
  const bad = formats.find((format) => !['tar.gz', 'tar.zst', 'zip'].includes(format))
  if (bad !== undefined || formats.length === 0) {
    throw new WaybillError(
      'ERR_UNKNOWN_FORMAT',
      `Expected the archive formats tar.gz, tar.zst or zip, found "${bad ?? ''}"`,
      { outcome: 'usage' },
    )
  }
  if (formats.includes('tar.zst')) assertZstd()
  return [...new Set(formats)]
}

function pack(format: ArchiveFormat, entries: readonly TarInput[], level: number): ByteStream {
  if (format === 'zip') return writeZip(entries, { level })
  return format === 'tar.gz' ? gzip(writeTar(entries), { level }) : zstd(writeTar(entries))
}

// What stands there with the same bytes is left alone, so that nothing is written where nothing changed.
async function write(
  context: Context,
  open: () => ByteStream,
  artifact: Omit<Artifact, 'digest' | 'size'>,
): Promise<Artifact> {
  const path = await placeFor(context.out, artifact.path)
  const watch = (digester: Digester): ByteStream => watched(open(), digester, context.signal)
  let digester = createDigester()
  if (!(await isSameFile(path, watch(digester)))) {
    digester = createDigester()
    await writeFileAtomic(path, watch(digester))
  }
  return { ...artifact, digest: digester.digest(), size: digester.size }
}

// A link in the file's own place is replaced; one above it must stay in the folder.
async function placeFor(out: string, name: string): Promise<string> {
  return join(await insideFolder(out, dirname(name)), basename(name))
}

function describeArchive(
  release: Release,
  group: ArchiveGroup,
  format: ArchiveFormat,
): Omit<Artifact, 'digest' | 'size'> {
  const name = `${group.name}.${format}`
  const { platform } = group.binaries[0]!
  const triple = tripleOf(group.binaries[0]!)
  return {
    kind: 'archive',
    name,
    path: name,
    ...(platform === undefined ? {} : { platform }),
    component: release.component,
    ...(triple === undefined ? {} : { triple }),
  }
}

async function* watched(
  content: ByteStream,
  digester: Digester,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    assertNotCancelled(signal, 'Archiving was cancelled')
    digester.update(chunk)
    yield chunk
  }
}

async function writeChecksums(
  context: Context,
  release: Release,
  archives: readonly Artifact[],
): Promise<Artifact[]> {
  const files = [
    ...archives.map((file) => ({ name: `${file.name}.sha256`, text: formatChecksums([file]) })),
    { name: 'SHA256SUMS', text: formatChecksums(archives) },
  ]
  return mapLimit(files, context.jobs, async ({ name, text }) => {
    const path = await placeFor(context.out, name)
    if (!(await isSameFile(path, [Buffer.from(text)]))) await writeFileAtomic(path, text)
    const facts = { digest: digestOf(text), size: Buffer.byteLength(text) }
    return { kind: 'checksums', name, path: name, ...facts, component: release.component }
  })
}
