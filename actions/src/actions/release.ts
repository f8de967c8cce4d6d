import { join, relative } from 'node:path'
import { endGroup, startGroup } from '@actions/core'
import { writeFileAtomic } from '@waybill/core'
import {
  componentSections,
  htmlReport,
  joinReceipts,
  planText,
  publishedOf,
  releaseAll,
  releaseText,
  stageSection,
  type Context,
  type Receipt,
  type ReleaseAllResult,
} from 'waybill'
import { annotateDecisions, blocked, decisionsMarkdown, reasonsOf } from '../due.ts'
import { annotateFindings, info } from '../log.ts'
import { escape, findingsMarkdown, sectionsMarkdown } from '../markdown.ts'
import type { Result, Work } from '../session.ts'

export const work: Work<'release'> = async (inputs, context) => {
  const { parts, config, component, token, 'dry-run': dryRun } = inputs
  const env = token === '' ? context.env : { ...context.env, GITHUB_TOKEN: token }
  const access = { plainHttp: inputs['plain-http'], caFile: inputs['ca-file'] }
  const released = await releaseAll({
    ...context,
    ...access,
    env,
    parts,
    config,
    component,
    dryRun,
    confirm: async (plan) => grouped('The plan', planText(plan)),
  })
  annotateDecisions(released.decisions)
  return released.components.length === 0
    ? nothingReleased(released)
    : releasedResult(released, { context, dryRun })
}

function grouped(title: string, text: string): void {
  startGroup(title)
  info(text)
  endGroup()
}

function nothingReleased({ decisions }: ReleaseAllResult): Result<'release'> {
  info(reasonsOf(decisions))
  return {
    outputs: { outcome: 'nothing' },
    summary: decisionsMarkdown(decisions),
    failed: blocked(decisions),
  }
}

async function releasedResult(
  released: ReleaseAllResult,
  { context, dryRun }: { readonly context: Context; readonly dryRun: boolean },
): Promise<Result<'release'>> {
  const { components } = released
  info(releaseText(released))
  if (dryRun)
    for (const { plan } of components.flatMap(publishedOf)) grouped('The plan', planText(plan))
  const receipt = joinReceipts(components)
  const files = await writeFiles(released, receipt, context)
  annotateFindings(receipt?.findings ?? [])
  const [only] = components.length === 1 ? components : []
  return {
    outputs: {
      outcome: receipt === undefined ? 'planned' : outcomeOf(receipt),
      version: only?.decision.release.version ?? '',
      digest: components
        .flatMap(({ images }) => images.map(({ image }) => image.descriptor.digest))
        .join('\n'),
      'release-url': pagesOf(released, receipt),
      ...files,
    },
    summary: summaryOf(released, receipt),
  }
}

// A forge's destination is named `github:owner/repository`.
function pagesOf({ components }: ReleaseAllResult, receipt: Receipt | undefined): string {
  const tags = new Set(components.map(({ decision }) => decision.release.tag))
  const pages = (receipt?.results ?? []).filter(
    ({ destination, name }) => destination.startsWith('github:') && tags.has(name),
  )
  return pages.map(({ url = '' }) => url).join('\n')
}

const outcomeOf = ({ results }: Receipt): string =>
  results.every(({ outcome }) => outcome === 'unchanged') ? 'unchanged' : 'released'

async function writeFiles(
  released: ReleaseAllResult,
  receipt: Receipt | undefined,
  { out }: Context,
): Promise<{ readonly report: string; readonly receipt: string }> {
  const shown = (name: string): string =>
    relative(process.env['GITHUB_WORKSPACE'] ?? '.', join(out, name))
  await writeFileAtomic(join(out, 'report.html'), htmlReport(released))
  if (receipt !== undefined)
    await writeFileAtomic(join(out, 'receipt.json'), `${JSON.stringify(receipt, null, 2)}\n`)
  return {
    report: shown('report.html'),
    receipt: receipt === undefined ? '' : shown('receipt.json'),
  }
}

function summaryOf(released: ReleaseAllResult, receipt: Receipt | undefined): string {
  const parts = released.components.map((component) => {
    const { component: name, version } = component.decision.release
    return `## ${escape(`${name} ${version}`)}\n\n${sectionsMarkdown(componentSections(component))}`
  })
  const times = sectionsMarkdown([stageSection(released)])
  return [...parts, findingsMarkdown(receipt?.findings ?? []), times].join('\n')
}
