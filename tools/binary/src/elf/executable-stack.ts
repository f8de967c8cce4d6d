import { ET, type Elf } from './header.ts'
import { PT, type Segment } from './segments.ts'
import type { Section } from './sections.ts'

const EXECUTE = 1
const SHF_EXECINSTR = 4
// Machines whose stack is executable when a file doesn't say: glibc's DEFAULT_STACK_PERMS, where x86-64 keeps the old meaning too.
const OLD = new Set([3, 8, 20, 21, 22, 40, 43, 62])

/** Whether the program asks for an executable stack, by PT_GNU_STACK or, on older machines, by its absence. */
export function wantsExecutableStack(
  elf: Elf,
  segments: readonly Segment[],
  sections: readonly Section[],
): boolean {
  if (elf.type === ET.REL) {
    const note = sections.find(({ name }) => name === '.note.GNU-stack')
    return note !== undefined && (note.flags & SHF_EXECINSTR) !== 0
  }
  const stack = segments.find(({ type }) => type === PT.GNU_STACK)
  if (stack !== undefined) return (stack.flags & EXECUTE) !== 0
  return elf.type !== ET.CORE && OLD.has(elf.machine)
}
