// npm run release: releases Waybill with Waybill: all packages and the actions under one version and one tag.
// Publishes from files that are packed once; run again, it finishes what a killed run began.
import { parseArgs } from 'node:util'
import { assertPlanDigest, releasedFiles } from '@waybill/publish'
import type { AppliedFile } from '@waybill/version'
import {
  assertClean,
  confirm,
  planSummary,
  presentation,
  presentDecisions,
  run,
  type Presentation,
} from 'waybill'
import { $ } from 'zx'
import { ownDestinations } from './release/destinations.ts'
import { packRelease } from './release/pack.ts'
import { planOwnVersions } from './release/versions.ts'

const HELP = `Usage: npm run release -- [options]

  --apply            write versions and changelogs here, to be committed before the release
  --dry-run          pack, print the plan and its digest, write nothing outside
  --plan-digest <d>  publish this plan and no other
  --registry <url>   the npm registry (default: npm's configuration)
  --yes              do not ask
  --json             print one JSON document
  --help`

function readOptions() {
  const options = {
    apply: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    'plan-digest': { type: 'string' },
    registry: { type: 'string' },
    yes: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ options }).values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    process.exit(2)
  }
}

const { 'dry-run': dryRun, 'plan-digest': planDigest, ...given } = readOptions()
const { apply, registry, yes, json, help } = given

function presentEdits(files: readonly AppliedFile[]): Presentation {
  const lines = files.map(({ path, outcome }) => `${outcome}  ${path}`)
  return presentation({ schemaVersion: 1, files }, lines.join('\n'))
}

process.exitCode = await run({ exec: $, json }, async (wb) => {
  if (help) return presentation(HELP, HELP)
  const { context } = wb
  const { decisions, plan: versions, release } = await planOwnVersions(wb)
  if (release === undefined) return presentDecisions(decisions)
  if (apply) return presentEdits(await wb.applyVersions(versions))
  await assertClean(context)
  const packed = await packRelease(release, versions, context)
  const to = await ownDestinations(release, { packed, plan: versions, registry }, context)
  const content = releasedFiles()
  const plan = await wb.planPublish(release, content, { to, preflight: !dryRun })
  assertPlanDigest(plan, planDigest)
  const summary = planSummary([plan])
  if (dryRun) return presentation(summary.json, summary.text)
  await confirm(summary.text, { yes: yes || json || planDigest !== undefined })
  return wb.publish(plan, { content, to, journal: '.waybill/journal' })
})
