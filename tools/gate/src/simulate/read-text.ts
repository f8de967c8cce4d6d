import { inTime, type Finding } from '@waybill/core'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import { parse as parseYaml } from 'yaml'

/** Reads a configuration file once per distinct text; one that cannot be read counts as absent, with a finding. */
export type ReadText = (text: string | null, path: string, commit: string) => unknown

export function createReadText(note: (finding: Finding) => void): ReadText {
  const known = new Map<string, unknown>()
  return (text, path, commit) => {
    if (text === null) return undefined
    const key = `${path}\0${text}`
    if (!known.has(key)) known.set(key, readOnce(text, path, commit, note))
    return known.get(key)
  }
}

function parse(text: string, path: string): unknown {
  if (path.endsWith('.json')) return JSON.parse(text) as unknown
  if (path.endsWith('.toml')) return getStaticTOMLValue(parseTOML(text))
  return parseYaml(text, { logLevel: 'silent' }) as unknown
}

function readOnce(
  text: string,
  path: string,
  commit: string,
  note: (finding: Finding) => void,
): unknown {
  try {
    return inTime(
      () => parse(text, path),
      (time) => new Error(`not done after ${time} ms`),
    )
  } catch (error) {
    const message = `${path} cannot be read and counts as absent: ${(error as Error).message.split('\n')[0]}`
    note({ code: 'configuration-unreadable', level: 'warning', message, where: { path, commit } })
    return undefined
  }
}
