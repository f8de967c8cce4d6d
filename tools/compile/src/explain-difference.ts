import { inspect, readElfSections, type BinaryFacts, type ElfSectionRange } from '@waybill/binary'
import type { Finding } from '@waybill/core'
import { readFile } from 'node:fs/promises'

/** Explains how two binaries differ: in a fact, in a section, in a path that one of them holds. Nothing for equal files. */
export async function explainDifference(
  first: string,
  second: string,
  folders: readonly string[] = [],
): Promise<readonly Finding[]> {
  const [a, b] = await Promise.all([readFile(first), readFile(second)])
  if (a.equals(b)) return []
  const findings = [
    ...factFindings(await inspect(first), await inspect(second)),
    ...(await sectionFindings(first, second, [a, b])),
    ...pathFindings([a, b], folders),
  ]
  return findings.length > 0 ? findings : [difference('bytes-differ', firstByte(a, b))]
}

const difference = (code: string, message: string): Finding => ({ code, level: 'error', message })

function factFindings(a: BinaryFacts, b: BinaryFacts): Finding[] {
  const keys = Object.keys(a) as (keyof BinaryFacts)[]
  return keys.flatMap((key) => {
    const [one, two] = [JSON.stringify(a[key]), JSON.stringify(b[key])]
    if (one === two) return []
    return [difference('fact-differs', `${key}: ${one.slice(0, 200)} and ${two.slice(0, 200)}`)]
  })
}

async function sectionFindings(
  first: string,
  second: string,
  bytes: readonly [Buffer, Buffer],
): Promise<Finding[]> {
  const [one, two] = await Promise.all([readElfSections(first), readElfSections(second)])
  const others = new Map(two.map((section) => [section.name, section]))
  const findings = one.flatMap((section) => {
    const other = others.get(section.name)
    others.delete(section.name)
    return other === undefined
      ? [difference('section-missing', `${section.name} is in the first file only`)]
      : compareSection(section, other, bytes)
  })
  const added = [...others.keys()].map((name) =>
    difference('section-missing', `${name} is in the second file only`),
  )
  return [...headerFinding(bytes), ...findings, ...added]
}

// The ELF header is no section: the first 64 bytes.
function headerFinding([a, b]: readonly [Buffer, Buffer]): Finding[] {
  if (a.subarray(0, 64).equals(b.subarray(0, 64))) return []
  return [difference('header-differs', `the file header: ${firstByte(a.subarray(0, 64), b)}`)]
}

function compareSection(
  section: ElfSectionRange,
  other: ElfSectionRange,
  [a, b]: readonly [Buffer, Buffer],
): Finding[] {
  const one = a.subarray(section.offset, section.offset + section.size)
  const two = b.subarray(other.offset, other.offset + other.size)
  if (one.equals(two)) return []
  const sizes = one.length === two.length ? '' : `, ${one.length} and ${two.length} bytes`
  return [difference('section-differs', `${section.name}: ${firstByte(one, two)}${sizes}`)]
}

function firstByte(a: Buffer, b: Buffer): string {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a[at] === b[at]) at++
  const around = (bytes: Buffer): string => JSON.stringify(printable(bytes.subarray(at, at + 24)))
  return `first at byte ${at}: ${around(a)} and ${around(b)}`
}

const printable = (bytes: Buffer): string => bytes.toString('latin1').replaceAll(/[^ -~]/g, '.')

function pathFindings(bytes: readonly Buffer[], folders: readonly string[]): Finding[] {
  return folders
    .filter((folder) => bytes.some((one) => one.includes(folder)))
    .map((folder) => difference('path-embedded', `the folder ${folder} is written into the binary`))
}
