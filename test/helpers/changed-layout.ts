import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@waybill/core'
import { temporaryFolder } from './temporary.ts'

const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** Where in a layout something is changed, from the outside to the inside. */
export type Level = 'oci-layout' | 'index.json' | 'index' | 'manifest' | 'config'

interface Named {
  readonly digest: string
  readonly size: number
}

/**
 * Copies a layout and changes the text of one document in it, at the level that is named, of the first platform; whatever names it gets its new digest and size, so that
 * nothing but the change is wrong with it.
 */
export function changedLayout(
  layout: string,
  level: Level,
  change: (text: string) => string,
): string {
  const folder = temporaryFolder('changed-layout')
  cpSync(layout, folder, { recursive: true })
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8')

  function store(text: string): Named {
    const digest = digestOf(Buffer.from(text))
    writeFileSync(join(folder, blob(digest)), text)
    return { digest, size: Buffer.byteLength(text) }
  }

  // The new text of a document, with what it names changed first.
  function rewrite(text: string, at: Exclude<Level, 'oci-layout'>): string {
    if (at === level) return change(text)
    const value = JSON.parse(text) as { manifests?: Named[]; config?: Named }
    const child = (value.config ?? value.manifests?.[0])!
    const inner = value.config !== undefined ? 'config' : at === 'index.json' ? 'index' : 'manifest'
    const made = store(rewrite(read(blob(child.digest)), inner))
    // Its size is the next one behind its digest, behind a platform perhaps.
    const start = text.indexOf(child.digest)
    const behind = text.slice(start + child.digest.length)
    return `${text.slice(0, start)}${made.digest}${behind.replace(/"size":\d+/, `"size":${made.size}`)}`
  }

  if (level === 'oci-layout') writeFileSync(join(folder, level), change(read(level)))
  else writeFileSync(join(folder, 'index.json'), rewrite(read('index.json'), 'index.json'))
  return folder
}
