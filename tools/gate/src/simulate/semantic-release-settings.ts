import { asObject } from '../plain.ts'
import type { SemanticReleasePolicy } from '../semantic-release/policy.ts'
import {
  readSemanticReleaseConfig,
  readSemanticReleaseProgram,
} from '../semantic-release/read-config.ts'
import { createLocator } from './locate.ts'
import { createReadText, type ReadText } from './read-text.ts'
import { componentOf, type Past, type SettingOf } from './setting.ts'

const DATA = ['.releaserc', '.releaserc.json', '.releaserc.yaml', '.releaserc.yml']
const PROGRAMS = [
  '.releaserc.js',
  '.releaserc.cjs',
  '.releaserc.mjs',
  '.releaserc.ts',
  'release.config.js',
  'release.config.cjs',
  'release.config.mjs',
  'release.config.ts',
]

/** Reads semantic-release's configuration as it stood at each release; a preset named by the caller holds all the same. */
export async function semanticReleaseSettings(
  past: Past,
  policy: SemanticReleasePolicy,
): Promise<SettingOf> {
  const commits = [...new Set(past.releases.map(({ commit }) => commit))]
  await past.snapshots.load(commits, [...DATA, ...PROGRAMS, 'package.json'])
  const readText = createReadText(past.note)
  const several = past.releases.some(({ component }) => component !== '')
  const locator = several ? await createLocator(past, 'package.json', readText) : null
  return ({ component: name, commit }) => {
    const component = componentOf(name, locator?.folderOf(name, commit) ?? '.')
    return { component, components: [component], policy: policyAt(commit, past, readText, policy) }
  }
}

function policyAt(
  commit: string,
  past: Past,
  readText: ReadText,
  named: SemanticReleasePolicy,
): SemanticReleasePolicy {
  const read = readSemanticReleaseConfig(configAt(commit, past, readText))
  if (named.name === 'semantic-release') return read
  return { ...named, releaseRules: named.releaseRules ?? read.releaseRules }
}

function configAt(commit: string, { snapshots }: Past, readText: ReadText): unknown {
  const inManifest = asObject(
    readText(snapshots.text(commit, 'package.json'), 'package.json', commit),
  )['release']
  if (inManifest !== undefined) return inManifest
  for (const path of DATA) {
    const text = snapshots.text(commit, path)
    if (text !== null) return readText(text, path, commit)
  }
  const program = PROGRAMS.find((path) => snapshots.text(commit, path) !== null)
  return program === undefined
    ? undefined
    : readSemanticReleaseProgram(snapshots.text(commit, program)!)
}
