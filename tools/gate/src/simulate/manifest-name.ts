import { asObject, asText } from '../plain.ts'
import type { ReadText } from './read-text.ts'
import type { Snapshots } from '../snapshots.ts'

const TEXT_NAMES: readonly (readonly [string, RegExp])[] = [
  ['Cargo.toml', /^\[package\][^[]*?^name\s*=\s*["']([^"']+)["']/ms],
  ['pyproject.toml', /^\[(?:project|tool\.poetry)\][^[]*?^name\s*=\s*["']([^"']+)["']/ms],
  ['setup.py', /\bname\s*=\s*["']([^"']+)["']/],
  ['setup.cfg', /^\[metadata\][^[]*?^name\s*=\s*(\S+)/ms],
  ['Chart.yaml', /^name:\s*["']?([^\s"'#]+)/m],
  ['pubspec.yaml', /^name:\s*["']?([^\s"'#]+)/m],
]

/** The files that can say what the package of a folder is called. */
export const MANIFESTS: readonly string[] = [
  'package.json',
  'composer.json',
  ...TEXT_NAMES.map(([file]) => file),
]

/** A file of a folder, from the repository's root. */
export function fileIn(folder: string, file: string): string {
  return folder === '.' || folder === '' ? file : `${folder}/${file}`
}

/** The name that a folder's manifest gave at a commit; the manifests must be loaded. */
export function manifestName(
  folder: string,
  commit: string,
  from: { snapshots: Snapshots; readText: ReadText },
): string | undefined {
  const { snapshots, readText } = from
  for (const file of ['package.json', 'composer.json']) {
    const path = fileIn(folder, file)
    const name = asText(asObject(readText(snapshots.text(commit, path), path, commit))['name'])
    if (name !== undefined) return name
  }
  for (const [file, pattern] of TEXT_NAMES) {
    const name = pattern.exec(snapshots.text(commit, fileIn(folder, file)) ?? '')?.[1]
    if (name !== undefined) return name
  }
  return undefined
}
