import { asList, asObject, asText, type Plain } from '../plain.ts'
import { semanticRelease, type ReleaseRule, type SemanticReleasePolicy } from './policy.ts'

const ANALYZER = '@semantic-release/commit-analyzer'

/** Reads semantic-release's configuration: options of the analyzer win over those at the top. */
export function readSemanticReleaseConfig(config: unknown): SemanticReleasePolicy {
  const top = asObject(config)
  const own = asList(top['plugins'])
    .map((plugin) => (Array.isArray(plugin) ? plugin : [plugin]) as unknown[])
    .find(([name]) => name === ANALYZER)
  const analyze = asObject(top['analyzeCommits'])
  const options: Plain = { ...top, ...analyze, ...asObject(own?.[1]) }
  const preset = asText(options['preset'])?.toLowerCase()
  const rules = asList(options['releaseRules']).map(asObject)
  return {
    ...semanticRelease,
    preset: preset === 'conventionalcommits' ? 'conventionalcommits' : 'angular',
    releaseRules: rules.length === 0 ? undefined : (rules as unknown as readonly ReleaseRule[]),
  }
}

/**
 * Reads what can be read of a configuration that is a program, without running it: its preset, and rules that are written out.
 */
export function readSemanticReleaseProgram(source: string): Plain {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const preset = /\bpreset["']?\s*:\s*["'`]([\w-]+)["'`]/.exec(code)?.[1]
  const list = /\breleaseRules["']?\s*:\s*\[([\s\S]*?)\]/.exec(code)?.[1] ?? ''
  const rules = [...list.matchAll(/\{([^{}]*)\}/g)].map(([, body = '']) => readRule(body))
  return { preset, releaseRules: rules }
}

const MEMBER = /["']?(\w+)["']?\s*:\s*(?:["'`]([^"'`]*)["'`]|(true|false|null))/g

function readRule(body: string): Plain {
  const members = [...body.matchAll(MEMBER)].map(([, key = '', text, word]) => [
    key,
    text ?? (word === 'true' ? true : word === 'false' ? false : null),
  ])
  return Object.fromEntries(members) as Plain
}
