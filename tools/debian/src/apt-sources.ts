import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compareText } from '@waybill/core'

/** One line or stanza of apt's configuration. */
export interface AptSource {
  readonly uris: readonly string[]
  readonly suites: readonly string[]
  readonly components: readonly string[]
  /** Who may sign it, where that is named: files of keys, fingerprints, or a key in ASCII armour. */
  readonly signedBy: readonly string[]
}

/** Reads the machine's own apt sources: `sources.list` and `sources.list.d`, in both formats. None where there is no apt. */
export async function readAptSources(folder = '/etc/apt'): Promise<AptSource[]> {
  const parts = join(folder, 'sources.list.d')
  const names = await readdir(parts).catch(() => [])
  const paths = names.toSorted(compareText).map((name) => join(parts, name))
  const files = [join(folder, 'sources.list'), ...paths]
  const found = await Promise.all(files.map(readOne))
  return found.flat()
}

/** The files of keys that apt trusts for every source that names none. */
export async function trustedKeyrings(folder = '/etc/apt'): Promise<string[]> {
  const parts = join(folder, 'trusted.gpg.d')
  const names = await readdir(parts).catch(() => [])
  const keys = names.filter((name) => /\.(?:gpg|asc)$/.test(name)).toSorted(compareText)
  return [join(folder, 'trusted.gpg'), ...keys.map((name) => join(parts, name))]
}

async function readOne(path: string): Promise<AptSource[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  if (path.endsWith('.sources')) return parseDeb822(text)
  return path.endsWith('.list') ? parseOneLine(text) : []
}

/** Reads apt's one-line format: `deb [options] uri suite component…`. sources.list(5). */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const words = line.replace(/#.*/, '').trim()
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(words)
    if (match === null) return []
    const [, options = '', uri, suite, components] = match
    const signedBy = signers(/(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? '')
    return [{ uris: [uri!], suites: [suite!], components: wordsOf(components!), signedBy }]
  })
}

/** Reads apt's deb822 format. sources.list(5). */
export function parseDeb822(text: string): AptSource[] {
  const plain = text.replace(/^#.*\n?/gm, '')
  return plain.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] => wordsOf(fieldOf(stanza, name))
    const disabled = /^(no|false|0|off|without|disable)$/i.test(field('Enabled')[0] ?? 'yes')
    if (disabled || !field('Types').includes('deb')) return []
    const [uris, suites, components] = [field('URIs'), field('Suites'), field('Components')]
    return [{ uris, suites, components, signedBy: signers(fieldOf(stanza, 'Signed-By')) }]
  })
}

// A key may be there itself; its empty line is written as a dot.
function signers(text: string): string[] {
  if (!text.includes('-----BEGIN PGP')) return text.split(/[\s,]+/).filter((word) => word !== '')
  const lines = text.split('\n').map((line) => line.trim())
  return [
    lines
      .map((line) => (line === '.' ? '' : line))
      .join('\n')
      .trim(),
  ]
}

// A value goes on in lines that begin with a blank.
function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? ''
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
