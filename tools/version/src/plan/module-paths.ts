import type { Finding } from '@waybill/core'
import type { PlannedRelease } from '../types.ts'
import type { Unit } from '../units/units.ts'

/** Go modules whose path does not name the major they are released as; Go refuses such a tag. https://go.dev/ref/mod#major-version-suffixes */
export function modulePaths(
  units: readonly Unit[],
  releases: readonly PlannedRelease[],
): readonly Finding[] {
  return releases.flatMap(({ component, to }) => {
    const packages = units.find(({ id }) => id === component)!.packages
    return packages
      .filter(
        ({ kind, name }) => kind === 'go' && majorOf(name) !== Math.max(1, Number.parseInt(to, 10)),
      )
      .map(({ name, manifest }) => ({
        code: 'go-module-path',
        level: 'warning',
        message: `${manifest}: the module ${name} can't be required as v${to}`,
        suggestion: `End its path in /v${Number.parseInt(to, 10)} if others import it; a program that is only run may stay.`,
        where: { path: manifest },
      }))
  })
}

// gopkg.in writes `.v2`, everything else `/v2`; without either it is v0 or v1.
const majorOf = (name: string): number => Number(/[/.]v([2-9]|\d{2,})$/.exec(name)?.[1] ?? 1)
