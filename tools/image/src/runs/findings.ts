import { posix } from 'node:path'
import type { Finding } from '@waybill/core'

/** Where a finding of what runs was made, and what was proved there. */
export interface RunsWhere {
  readonly platform: string
  /** The proved file. */
  readonly path: string
}

/** The codes of these findings. */
export const RUNS_CODES: ReadonlySet<string> = new Set([
  'entrypoint-differs',
  'healthcheck-differs',
  'interpreter',
  'onbuild',
  'preload',
  'shell-between',
  'through-differs',
])

const finding = (where: RunsWhere, code: string, message: string, suggestion: string): Finding => ({
  code,
  level: 'warning',
  message: `${where.platform}: ${message}`,
  suggestion,
  where,
})

const ACCEPT =
  'Let the image start the proved file itself, or accept the program by its digest: --through PATH=sha256:…, entrypoint: { through, digest }.'

// What starts others: shells, and programs that are made to be the first of a container.
const BETWEEN = new Set(
  'ash bash busybox catatonit csh dash dumb-init env fish init ksh mksh s6-svscan sh su-exec gosu supervisord systemd tini tini-static toybox zsh'.split(
    ' ',
  ),
)

/** The finding for a program that starts in place of the proved file, or before it. */
export function otherProgram(
  where: RunsWhere,
  words: readonly string[],
  { program, script }: { readonly program: string; readonly script: string | undefined },
): Finding {
  const name = posix.basename(program)
  const isBetween = BETWEEN.has(name) || words.slice(1).some((word) => word.includes(where.path))
  const reads = script === undefined ? '' : `, a script that ${script} reads`
  return finding(
    where,
    isBetween ? 'shell-between' : 'entrypoint-differs',
    `${JSON.stringify(words)} starts ${program}${reads}, not ${where.path}, which was proved`,
    ACCEPT,
  )
}

/** The finding for an image whose first word leads to no program. */
export function noProgram(where: RunsWhere, words: readonly string[], missing: string): Finding {
  const message = `${JSON.stringify(words)} starts "${missing}", and no such program is in the image; ${where.path} was proved`
  return finding(where, 'entrypoint-differs', message, `Set the entrypoint to ${where.path}.`)
}

/** The finding for an accepted program that is told to start something else. */
export function unnamed(where: RunsWhere, words: readonly string[], program: string): Finding {
  const message = `${program} is accepted, but ${JSON.stringify(words)} does not tell it to start ${where.path}, which was proved`
  return finding(where, 'entrypoint-differs', message, `Name ${where.path} as a word of its own.`)
}

/** The finding for a program at an accepted path that is not the accepted one: an error always. */
export function otherThrough(
  where: RunsWhere,
  {
    program,
    found,
    expected,
  }: { readonly program: string; readonly found: string; readonly expected: string },
): Finding {
  return {
    ...finding(
      where,
      'through-differs',
      `${program} is ${found}, accepted is ${expected}`,
      'Look at what the program is now, and accept its digest if it is right.',
    ),
    level: 'error',
  }
}

/** The finding for a script whose interpreter nobody has accepted. */
export function interpreter(where: RunsWhere, program: string, script: string): Finding {
  return finding(where, 'interpreter', `${program} is a script that ${script} reads`, ACCEPT)
}

/** The finding for something that is loaded into whatever starts. */
export function preload(where: RunsWhere, what: string): Finding {
  return finding(
    where,
    'preload',
    `${what} loads other code into what the image starts`,
    'Build the image without it, or upon a base that does not set it.',
  )
}

/** The finding for a health check that runs another program than the proved one. */
export function otherHealthcheck(where: RunsWhere, what: string): Finding {
  return finding(
    where,
    'healthcheck-differs',
    `the health check, its own or its base's, runs ${what}, not ${where.path}`,
    'Give a health check that runs the proved file, switch it off (NONE), or accept its program by its digest.',
  )
}

/** The finding for what an image does to those built upon it. */
export function onBuild(where: RunsWhere, steps: readonly unknown[]): Finding {
  const message = `ONBUILD runs ${JSON.stringify(steps)} in whatever is built upon the image`
  return finding(where, 'onbuild', message, 'Build the image without ONBUILD.')
}

/** The note for layers that were not looked into, so that what they load is not known. */
export function unreadLayers(where: RunsWhere, count: number): Finding {
  return {
    ...finding(
      where,
      'layers-not-read',
      `${count} layers below the file were not read, so it is not known whether they hold /etc/ld.so.preload`,
      'Read them with --strict.',
    ),
    level: 'note',
  }
}
