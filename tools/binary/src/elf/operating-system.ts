import type { Note } from './notes.ts'

// EI_OSABI of systems that set it; System V (0) and GNU (3) are Linux unless a note says otherwise.
const SYSTEMS: Readonly<Record<number, string>> = {
  0: 'linux',
  3: 'linux',
  97: 'linux',
  2: 'netbsd',
  6: 'solaris',
  9: 'freebsd',
  12: 'openbsd',
}
const NOTES: Readonly<Record<string, string>> = {
  NetBSD: 'netbsd',
  OpenBSD: 'openbsd',
  FreeBSD: 'freebsd',
  DragonFly: 'dragonfly',
  Android: 'android',
}

/** The operating system of an ELF file in Go's words, or null. */
export function elfSystem(osabi: number, notes: readonly Note[]): string | null {
  const named = notes.map(({ name }) => NOTES[name]).find((system) => system !== undefined)
  return named ?? SYSTEMS[osabi] ?? null
}
