import { relative } from 'node:path'
import { runCommand, type Artifact, type Context, type Presentation } from 'waybill'
import { blocked, annotateDecisions, readDue } from '../due.ts'
import { info } from '../log.ts'
import { sectionsMarkdown } from '../markdown.ts'
import type { Result, Work } from '../session.ts'
import { optionWords } from '../words.ts'

const NOTHING = 3

export const work: Work<'build'> = async (inputs, context) => {
  const { cell, join, component, config } = inputs
  const built = await runCommand('build', optionWords({ cell, join, component, config }), context)
  info(built.text)
  if (built.exitCode !== 0) return notBuilt(inputs, context, built)
  if (join === undefined) return result(context, artifactsOf(built))
  const archived = await runCommand('archive', optionWords({ config, 'allow-code': true }), context)
  info(archived.text)
  return result(context, [...artifactsOf(built), ...artifactsOf(archived)])
}

const artifactsOf = ({ json }: Presentation): readonly Artifact[] =>
  (json as { readonly artifacts: readonly Artifact[] }).artifacts

async function notBuilt(
  inputs: Parameters<Work<'build'>>[0],
  context: Context,
  { exitCode }: Presentation,
): Promise<Result<'build'>> {
  if (exitCode === NOTHING) return { outputs: { artifacts: '[]' } }
  const { decisions } = await readDue({ ...inputs, 'allow-code': true }, context)
  annotateDecisions(decisions)
  return { outputs: { artifacts: '[]' }, failed: blocked(decisions) }
}

function result({ out }: Context, artifacts: readonly Artifact[]): Result<'build'> {
  const rows = artifacts.map(({ name, platform = '', size, digest }) => [
    name,
    platform,
    `${size} B`,
    digest,
  ])
  return {
    outputs: {
      path: relative(process.env['GITHUB_WORKSPACE'] ?? '.', out),
      artifacts: JSON.stringify(artifacts),
    },
    summary: sectionsMarkdown([
      { title: 'Built', head: ['file', 'platform', 'size', 'digest'], rows },
    ]),
  }
}
