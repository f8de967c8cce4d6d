import { compareDotted } from '../compare-dotted.ts'
import type { VersionRequirement } from '../facts.ts'
import { invalidBinary } from '../invalid.ts'
import type { Dynamic } from './dynamic.ts'
import type { Elf } from './header.ts'

// libstdc++ needs and defines a few hundred; a chain that is longer than this is hostile.
const MAX_VERSIONS = 16_384

/** Reads the symbol versions needed of each library: Elf_Verneed and Elf_Vernaux, LSB core, "Symbol Versioning". @throws {ERR_INVALID_BINARY} */
export async function readRequirements(
  elf: Elf,
  dynamic: Dynamic | null,
): Promise<readonly VersionRequirement[]> {
  if (dynamic?.verneed == null) return []
  const requirements: VersionRequirement[] = []
  const budget = { left: MAX_VERSIONS }
  let offset = dynamic.verneed.offset
  for (let index = 0; index < dynamic.verneed.count; index++) {
    spend(budget)
    const need = await elf.view(offset, 16, 'the version needs')
    requirements.push({
      library: await dynamic.string(need.u32(4)),
      versions: await readNames(
        elf,
        dynamic,
        { offset: offset + need.u32(8), count: need.u16(2) },
        budget,
      ),
    })
    if (need.u32(12) === 0) break
    offset += need.u32(12)
  }
  return requirements
}

interface Budget {
  left: number
}

async function readNames(
  elf: Elf,
  dynamic: Dynamic,
  chain: { readonly offset: number; readonly count: number },
  budget: Budget,
): Promise<string[]> {
  const names: string[] = []
  let { offset } = chain
  for (let index = 0; index < chain.count; index++) {
    spend(budget)
    const aux = await elf.view(offset, 16, 'the version needs')
    names.push(await dynamic.string(aux.u32(8)))
    if (aux.u32(12) === 0) break
    offset += aux.u32(12)
  }
  return names
}

/** Reads the symbol versions that a library defines: Elf_Verdef; the entry that names the file itself is left out. @throws {ERR_INVALID_BINARY} */
export async function readDefinitions(
  elf: Elf,
  dynamic: Dynamic | null,
): Promise<readonly string[]> {
  if (dynamic?.verdef == null) return []
  const names: string[] = []
  const budget = { left: MAX_VERSIONS }
  let offset = dynamic.verdef.offset
  for (let index = 0; index < dynamic.verdef.count; index++) {
    spend(budget)
    const definition = await elf.view(offset, 20, 'the version definitions')
    const base = (definition.u16(2) & 1) !== 0 // VER_FLG_BASE
    if (!base && definition.u16(6) > 0) {
      const aux = await elf.view(offset + definition.u32(12), 8, 'the version definitions')
      names.push(await dynamic.string(aux.u32(0)))
    }
    if (definition.u32(16) === 0) break
    offset += definition.u32(16)
  }
  return names
}

function spend(budget: Budget): void {
  if (--budget.left < 0)
    throw invalidBinary(`the symbol versions: more than ${MAX_VERSIONS} of them`)
}

const NUMERIC = /^(.+)_(\d+(?:\.\d+)*)$/

/** The highest numeric version of each prefix. */
export function highestVersions(
  requirements: readonly VersionRequirement[],
): Record<string, string> {
  const highest = new Map<string, string>()
  for (const name of requirements.flatMap(({ versions }) => versions)) {
    const [, prefix, version] = NUMERIC.exec(name) ?? []
    if (prefix === undefined || version === undefined) continue
    const before = highest.get(prefix)
    if (before === undefined || compareDotted(version, before) > 0) highest.set(prefix, version)
  }
  return Object.fromEntries([...highest].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
