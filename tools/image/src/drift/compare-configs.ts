import { canonicalJson, compareText } from '@waybill/core'
import { wholePlatform } from '../identity/contradictions.ts'
import type { ImageConfig } from '@waybill/oci'
import type { Drift } from './types.ts'

/** Compares how two images run, and for which platform they say they are. Absent, empty and null are the same; environment variables are compared by name. */
export function compareConfigs(a: ImageConfig, b: ImageConfig): readonly Drift[] {
  const left = membersOf(a)
  const right = membersOf(b)
  const names = [...new Set([...left.keys(), ...right.keys()])].toSorted(compareText)
  return names.flatMap((name) => {
    const [one, other] = [left.get(name), right.get(name)]
    if (one === other) return []
    const message = `${name} is ${one ?? 'not set'} in the first image, ${other ?? 'not set'} in the second`
    return [{ code: 'drift-config', subject: name, message }]
  })
}

// Maps member by member, so that one label can be declared to differ and not all of them.
function membersOf(image: ImageConfig): ReadonlyMap<string, string> {
  const members = Object.entries(image.config).flatMap(([name, value]) =>
    name === 'Env' ? envOf(value as readonly string[]) : flat(`config.${name}`, value),
  )
  return new Map([['platform', wholePlatform(image)], ...members])
}

function envOf(env: readonly string[]): [string, string][] {
  return env.map((entry) => {
    const [name = ''] = entry.split('=', 1)
    return [`config.Env.${name}`, JSON.stringify(entry.slice(name.length + 1))]
  })
}

const MAPS = new Set([
  'config.Labels',
  'config.ExposedPorts',
  'config.Volumes',
  'config.Healthcheck',
])

function flat(name: string, value: unknown): [string, string][] {
  if (value === null || value === '' || value === false || value === 0) return []
  if (Array.isArray(value) && value.length === 0) return []
  if (typeof value !== 'object' || !MAPS.has(name)) return [[name, canonicalJson(value)]]
  return Object.entries(value).map(([key, member]) => [`${name}.${key}`, canonicalJson(member)])
}
