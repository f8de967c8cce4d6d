import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { OutputAsset, OutputChunk } from 'rolldown'

const root = resolve(import.meta.dirname, '../..')

/** The licences of the packages that a bundle holds, which go with it. */
export function licences(output: readonly (OutputChunk | OutputAsset)[]): string {
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const packages = new Set(modules.flatMap((id) => packageFolder(id) ?? []))
  return [...packages].toSorted().map(licenceOf).join('\n')
}

function packageFolder(id: string): string | undefined {
  const parts = relative(root, id).split(sep)
  const at = parts.lastIndexOf('node_modules')
  if (at < 0) return undefined
  return join(...parts.slice(0, at + (parts[at + 1]!.startsWith('@') ? 3 : 2)))
}

function licenceOf(folder: string): string {
  const at = join(root, folder)
  const { name, version, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  }
  const file = readdirSync(at).find((entry) => /^(?:licen[cs]e|copying)(?:\.|$)/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(at, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license ?? 'no licence named'})\n${text}`
}
