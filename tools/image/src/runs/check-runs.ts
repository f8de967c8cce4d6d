import type { Finding, ThroughCheck } from '@waybill/core'
import { type RunConfig, type Image } from '@waybill/oci'
import { MOUNTED, readMember, follow, lookup, fileOf, type TreeNode } from '@waybill/oci/internal'
import { findProgram, startWords, type Program } from './command.ts'
import { loadingVariables } from './environment.ts'
import {
  interpreter,
  noProgram,
  onBuild,
  otherHealthcheck,
  otherProgram,
  otherThrough,
  preload,
  unnamed,
  unreadLayers,
  type RunsWhere,
} from './findings.ts'
import { readRest, type ImageContents } from './image-contents.ts'
import { PRELOAD } from './seen-layers.ts'
import { strictly } from './strictly.ts'
import { acceptedAt, readThrough, type AcceptedProgram } from './through.ts'

export interface RunsOptions {
  /** Programs that may run beside the proved one. @default none */
  readonly through?: readonly AcceptedProgram[] | undefined
  /** Reads every layer, and makes an error of whatever may run beside the proved file. @default false */
  readonly strict?: boolean | undefined
}

/** What an image runs, beside what was proved: the programs that were accepted, and what is to be said. */
export interface RunsOutcome {
  readonly through: readonly ThroughCheck[]
  readonly findings: readonly Finding[]
}

/** Finds out whether what an image starts is what was proved. Layers are read only where its configuration leads elsewhere than to the proved path. */
export async function checkRuns(
  contents: ImageContents,
  where: RunsWhere,
  { through: accepted = [], strict = false }: RunsOptions,
): Promise<RunsOutcome> {
  if (strict) await readRest(contents)
  const { image } = contents.seen
  const { config } = image.config
  const walk = createWalk({ contents, where, accepted, config })
  const started = await walk(startWords(config), 'start')
  const health = await checkHealth(config, where, walk)
  const onbuild = config['OnBuild']
  const findings = [
    ...started.findings,
    ...loadingVariables(config).map((variable) => preload(where, variable)),
    ...(await checkPreload(contents, where)),
    ...health.findings,
    ...(Array.isArray(onbuild) && onbuild.length > 0 ? [onBuild(where, onbuild)] : []),
  ]
  const through = [...started.through, ...health.through]
  return {
    through: through.filter(({ path }, at) => through.findIndex((o) => o.path === path) === at),
    findings: strictly(findings, strict),
  }
}

async function checkPreload(
  contents: ImageContents,
  where: RunsWhere,
): Promise<readonly Finding[]> {
  if (!(await contents.mayPreload())) {
    const unknown = contents.unknown()
    return unknown === 0 ? [] : [unreadLayers(where, unknown)]
  }
  const root = await contents.tree()
  const at = lookup(root, PRELOAD, MOUNTED)
  if (at.node === undefined && at.mounted === undefined) return []
  const { node } = follow(root, PRELOAD, MOUNTED)
  // A link that leads nowhere here, or where engines mount something, may lead to a list in a container.
  if (node === undefined) return [preload(where, PRELOAD)]
  if (fileOf(node).type === 'directory') return []
  return fileOf(node).type === 'file' && fileOf(node).header?.size === 0
    ? []
    : [preload(where, PRELOAD)]
}

type Walk = (words: readonly string[], kind: 'start' | 'health') => Promise<RunsOutcome>

interface Walking {
  readonly contents: ImageContents
  readonly where: RunsWhere
  readonly accepted: readonly AcceptedProgram[]
  readonly config: RunConfig
}

const NOTHING: RunsOutcome = { through: [], findings: [] }

/** Goes along the words of a call, as far as accepted programs reach, to the proved file. */
function createWalk({ contents, where, accepted, config }: Walking): Walk {
  return async (words, kind) => {
    const [first] = words
    // Engines start nothing where there is no word: who runs the image says what.
    if (first === undefined || first === where.path) return NOTHING
    const other = (finding: Finding, what: string): Finding =>
      kind === 'start' ? finding : otherHealthcheck(where, what)
    const root = await contents.tree()
    const proved = provedNode(root, where.path)
    const through: ThroughCheck[] = []
    const findings: Finding[] = []
    let last: string | undefined
    for (const [index, word] of words.entries()) {
      const program =
        index > 0 && word.startsWith('-') ? undefined : findProgram(root, word, config)
      if (program === undefined && index > 0) continue
      if (program === undefined)
        return { through, findings: [other(noProgram(where, words, word), `"${word}"`)] }
      if (program.node === proved) return { through, findings }
      const one = acceptedAt(root, program.node, accepted)
      if (one === undefined) {
        const script = await scriptOf(contents.seen.image, program)
        const said = { program: program.path, script }
        findings.push(
          other(otherProgram(where, words, said), `${JSON.stringify(words)} (${program.path})`),
        )
        return { through, findings }
      }
      const outcome = await checkThrough(program, one, { contents, where, accepted, config })
      through.push(...outcome.through)
      findings.push(...outcome.findings)
      last = program.path
    }
    const isTold = words.slice(1).some((word) => !word.startsWith('-'))
    if (isTold && kind === 'start') findings.push(unnamed(where, words, last!))
    return { through, findings }
  }
}

function provedNode(root: TreeNode, path: string): TreeNode | undefined {
  const { node } = lookup(root, path, MOUNTED)
  return node === undefined ? undefined : fileOf(node)
}

// A script is no more than what reads it makes of it, so that has to be accepted as well.
async function checkThrough(
  { node, path: program }: Program,
  one: AcceptedProgram,
  { contents, where, accepted, config }: Walking,
): Promise<RunsOutcome> {
  const { image } = contents.seen
  const check = await readThrough(image, node, { platform: where.platform, path: one.path })
  const expected = [one.digest].flat()
  if (!expected.includes(check.digest)) {
    const said = { program, found: check.digest, expected: expected.join(' or ') }
    return { through: [], findings: [otherThrough(where, said)] }
  }
  const script = await scriptOf(image, { node, path: program })
  if (script === undefined) return { through: [check], findings: [] }
  const root = await contents.tree()
  const reader = findProgram(root, script, config)
  const its = reader && acceptedAt(root, reader.node, accepted)
  if (reader === undefined || its === undefined || reader.node === node)
    return { through: [check], findings: [interpreter(where, program, script)] }
  const deeper = await checkThrough(reader, its, { contents, where, accepted, config })
  return { through: [check, ...deeper.through], findings: deeper.findings }
}

const LONGEST = 256

/** The interpreter that a script's first line names; undefined for what is no script. execve(2), "Interpreter scripts". */
async function scriptOf(image: Image, { node }: Program): Promise<string | undefined> {
  const start = await readMember(image.layers[node.layer]!, node.entry, async ({ content }) => {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of content) {
      if (size < LONGEST) chunks.push(Uint8Array.from(chunk.subarray(0, LONGEST)))
      size += chunk.byteLength
    }
    return Buffer.concat(chunks).subarray(0, LONGEST).toString('latin1')
  })
  return /^#![ \t]*([^\s\0]+)/.exec(start)?.[1]
}

async function checkHealth(config: RunConfig, where: RunsWhere, walk: Walk): Promise<RunsOutcome> {
  const test: unknown = config.Healthcheck?.['Test'] ?? []
  const [kind, ...rest]: readonly unknown[] = Array.isArray(test) ? test : [test]
  if (kind === undefined || kind === 'NONE') return NOTHING
  const words = kind === 'CMD' ? rest : [...shellOf(config), ...rest]
  const isKnown = kind === 'CMD' || kind === 'CMD-SHELL'
  if (isKnown && words.every((word) => typeof word === 'string')) return walk(words, 'health')
  return { through: [], findings: [otherHealthcheck(where, JSON.stringify(test))] }
}

// Docker's own member: what reads a health check that is a single text.
const shellOf = ({ Shell }: RunConfig): readonly unknown[] =>
  Array.isArray(Shell) && Shell.length > 0 ? Shell : ['/bin/sh', '-c']
