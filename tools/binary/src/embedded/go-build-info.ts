import type { Pages } from '../pages.ts'

/** A Go module as it went into a binary. */
export interface GoModule {
  readonly path: string
  readonly version: string
  readonly sum?: string
  readonly replace?: GoModule
}

/** What the Go toolchain writes into every program it links. */
export interface GoBuildInfo {
  /** The toolchain: `go1.26.8`. */
  readonly version: string
  /** The main package's import path. */
  readonly path: string
  readonly main: GoModule | null
  readonly dependencies: readonly GoModule[]
  /** Build settings: `CGO_ENABLED`, `GOARCH`, `-trimpath`, `vcs.revision` … */
  readonly settings: Readonly<Record<string, string>>
}

interface Range {
  readonly offset: number
  readonly size: number
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
const INLINE_STRINGS = 2
const LONGEST = 1024 * 1024

/** Reads Go's build information (the form since Go 1.18); null where there is none. debug/buildinfo in Go's library. */
export async function readGoBuildInfo(
  pages: Pages,
  range: Range | null,
): Promise<GoBuildInfo | null> {
  if (range === null || range.size < 32 || range.size > LONGEST) return null
  const bytes = await pages.bytes(range.offset, range.size, 'the Go build information')
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return null
  if ((bytes[15]! & INLINE_STRINGS) === 0) return null
  const version = readText(bytes, 32)
  const info = version && readText(bytes, version.end)
  if (version == null || info == null) return null
  return parseModuleInfo(version.text, info.text)
}

const CHUNK = 64 * 1024

/** Looks for Go's record, which is aligned to 16 bytes, in the first mebibyte of a range. */
export async function findGoBuildInfo(pages: Pages, range: Range): Promise<Range | null> {
  const size = Math.min(range.size, LONGEST, pages.size - range.offset)
  for (let at = 0; at < size; at += CHUNK) {
    const length = Math.min(CHUNK, size - at)
    const bytes = Buffer.from(await pages.bytes(range.offset + at, length, 'the data'))
    for (let found = bytes.indexOf(MAGIC); found >= 0; found = bytes.indexOf(MAGIC, found + 1)) {
      if (found % 16 !== 0) continue
      const offset = range.offset + at + found
      return { offset, size: Math.min(LONGEST, pages.size - offset) }
    }
  }
  return null
}

// A length as an unsigned varint, then that many bytes.
function readText(bytes: Uint8Array, start: number): { text: string; end: number } | null {
  let length = 0
  let at = start
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined) return null
    length |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  if (at + length > bytes.byteLength) return null
  return { text: Buffer.from(bytes.subarray(at, at + length)).toString('latin1'), end: at + length }
}

// The text stands between two sentinels of 16 bytes, lines of tab-separated fields.
function parseModuleInfo(version: string, wrapped: string): GoBuildInfo {
  const text = Buffer.from(wrapped.slice(16, -16), 'latin1').toString('utf8')
  let path = ''
  let main: GoModule | null = null
  const dependencies: GoModule[] = []
  const settings: [string, string][] = []
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.split('\t')
    if (word === 'path') path = rest[0] ?? ''
    else if (word === 'mod') main = moduleOf(rest)
    else if (word === 'dep') dependencies.push(moduleOf(rest))
    else if (word === 'build') settings.push(settingOf(rest.join('\t')))
    else if (word === '=>') replaceLast(dependencies, moduleOf(rest))
  }
  return { version, path, main, dependencies, settings: Object.fromEntries(settings) }
}

function moduleOf([path = '', version = '', sum]: readonly string[]): GoModule {
  return { path, version, ...(sum ? { sum } : {}) }
}

function settingOf(text: string): [string, string] {
  const [, key = '', value = ''] = /^("[^"]*"|[^=]*)=?(.*)$/s.exec(text) ?? []
  return [unquote(key), unquote(value)]
}

function unquote(text: string): string {
  if (!/^".*"$/s.test(text)) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

function replaceLast(modules: GoModule[], replace: GoModule): void {
  const last = modules.pop()
  if (last !== undefined) modules.push({ ...last, replace })
}
