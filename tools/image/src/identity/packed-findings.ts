import { messageOf, type Artifact, type Finding } from '@waybill/core'

/** The finding for a released archive that cannot be read to its end: nothing says what is in it. */
export function unreadable(artifact: Artifact, error: unknown): Finding {
  return {
    code: 'unreadable-archive',
    level: 'error',
    message: `${artifact.path}: ${messageOf(error)}`,
    suggestion:
      'Make it again as tar.gz, tar.zst or zip, or take it out of the released files (name a SHA256SUMS that does not list it).',
    where: { path: artifact.path },
  }
}

/** The finding for a member whose path comes twice. */
export function memberTwice({ path }: Artifact, member: string): Finding {
  return {
    code: 'member-twice',
    level: 'error',
    message: `${path}: ${member} comes twice, and programs disagree on which of the two is unpacked`,
    suggestion: 'Make the archive again.',
    where: { path },
  }
}

const SHOWN = 5

/** The finding for what a released file holds and nobody looked into. */
export function notCompared({ path }: Artifact, members: readonly string[]): Finding {
  const more = members.length > SHOWN ? ` and ${members.length - SHOWN} more` : ''
  return {
    code: 'not-compared',
    level: 'warning',
    message: `${path}: nobody has looked into ${members.slice(0, SHOWN).join(', ')}${more}`,
    suggestion: 'Look at it yourself: programs in it may be others than those that were compared.',
    where: { path },
  }
}
