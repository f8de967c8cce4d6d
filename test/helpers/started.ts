// An image with a shell, an init and scripts below the proved program, and what the proof says of the ways to start it.
import type { TarInput } from '@waybill/archive'
import type { Content, Report } from '@waybill/core'
import { checkIdentity, type AcceptedProgram } from '@waybill/image'
import { file, program, rootfs } from './images.ts'
import { EVIL, GOOD, PATH, out, released } from './judged.ts'
import { oddContent, pushOdd, type OddImage } from './odd-images.ts'

export const INIT: Buffer = program('amd64', 'init')
export const SHELL: Buffer = program('amd64', 'shell')
export const script = (first: string): Buffer => Buffer.from(`${first}\nexec "$@"\n`)
export const link = (path: string, linkname: string): TarInput => ({
  path,
  type: 'symlink',
  linkname,
})
export const text = (path: string, content: string, mode = 0o644): TarInput => ({
  path,
  type: 'file',
  mode,
  content: Buffer.from(content),
  size: Buffer.byteLength(content),
})

// What lies beside the program, in the base below it.
export const base: readonly TarInput[] = [
  ...rootfs,
  { path: 'usr/local', type: 'directory' },
  { path: 'usr/local/bin', type: 'directory' },
  file(SHELL, 'usr/bin/sh'),
  file(EVIL, 'usr/bin/other'),
  file(INIT, 'init'),
  file(script('#!/bin/sh'), 'entry.sh'),
  link('usr/bin/alias', 'hello'),
  link('alias', '/bin/hello'),
  link('evil', 'usr/bin/other'),
  text('usr/bin/data', 'no program'),
]

export type Config = Readonly<Record<string, unknown>>

export const imageOf = (
  config: Config,
  layers: OddImage['layers'] = [base, [file(GOOD)]],
): Promise<Content> => oddContent((target) => pushOdd(target, { layers, config: { config } }))

export interface Given {
  readonly through?: readonly AcceptedProgram[]
  readonly strict?: boolean
}

export const check = async (content: Promise<Content>, given: Given = {}): Promise<Report> =>
  checkIdentity(await content, released, { out, path: PATH, ...given })

/** The codes of what is found, warnings with a question mark. */
export const codes = ({ findings }: Report): string =>
  findings.map(({ code, level }) => `${code}${level === 'error' ? '' : '?'}`).join(' ')

/** Starts what was proved, and loads nothing. */
export const PLAIN: Config = { Entrypoint: [PATH] }
