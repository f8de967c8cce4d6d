import {
  createContext,
  inStep,
  suggest,
  WaybillError,
  type Component,
  type Finding,
} from '@waybill/core'
import { historyGit, type HistoryGit } from '../git.ts'
import { judge } from '../judge.ts'
import type { RangeOutcome } from '../outcome.ts'
import { policyOf, type Policy } from '../policy.ts'
import { listTags } from '../read-tags.ts'
import { refuseShallow, resolveCommit } from '../revisions.ts'
import { causeOf } from './cause.ts'
import { noReleaseTags } from './no-release-tags.ts'
import { readPastHistory, type PastHistory } from './past-history.ts'
import { createPastRange } from './past-range.ts'
import {
  findPastReleases,
  groupByComponent,
  lastBefore,
  readPastTags,
  type PastRelease,
} from './past-releases.ts'
import { createSettings } from './settings.ts'
import type { Past, Setting } from './setting.ts'
import type { SimulatedRelease, SimulateOptions, Simulation } from './simulation.ts'
import { createSnapshots } from '../snapshots.ts'

/**
 * Replays a repository's history: predicts every release from its commits alone and compares it with the tag that was made.
 * @throws {ERR_NOT_A_REPOSITORY} {ERR_NO_COMMITS} {ERR_SHALLOW_CLONE} {ERR_UNKNOWN_POLICY} {ERR_UNKNOWN_COMPONENT}
 */
export async function simulate(options: SimulateOptions = {}): Promise<Simulation> {
  const ctx = createContext(options)
  const policy = policyOf(options.policy ?? 'conventional')
  return inStep(ctx.progress, `simulate ${policy.name}`, async () => {
    const git = historyGit(ctx)
    await refuseShallow(git)
    const head = await resolveCommit(git, options.until ?? 'HEAD')
    const history = await readPastHistory(git, head.commit)
    return replay(git, history, policy, options)
  })
}

async function replay(
  git: HistoryGit,
  history: PastHistory,
  policy: Policy,
  options: SimulateOptions,
): Promise<Simulation> {
  const findings: Finding[] = []
  const components = componentsOf(options)
  const refs = await listTags(git, [])
  const tags = readPastTags(refs, components)
  if (tags.length === 0 && refs.length > 0) findings.push(noReleaseTags(refs, components))
  const afterPrereleases = policy.kind === 'release-please' || policy.kind === 'conventional'
  const all = findPastReleases(tags, history, { afterPrereleases })
  const byComponent = groupByComponent(tags)
  const chosen = chooseComponent(options.component, [...byComponent.keys()])
  const releases = all.filter(({ component }) => (chosen ?? component) === component)
  const past: Past = {
    history,
    tags,
    releases,
    snapshots: createSnapshots(git),
    note: (finding) => void findings.push(finding),
    judge(setting, { component, commit }) {
      const own = byComponent.get(component)
      const last =
        own === undefined ? null : lastBefore({ commit }, own, history, { afterPrereleases })
      return judge(createPastRange(history, setting, { commit, last }), setting.policy)
    },
  }
  const settingOf = await createSettings(past, policy, options.components ?? [])
  const replayed = releases.map((release) => replayOne(release, settingOf(release), history))
  return { schemaVersion: 1, policy: policy.name, ...sumUp(replayed), findings }
}

// Tags that are only a version belong to the root, which is called `.` in answers.
function chooseComponent(name: string | undefined, known: readonly string[]): string | undefined {
  if (name === undefined) return undefined
  const found = known.find((one) => one === name || (one === '' && name === '.'))
  if (found !== undefined) return found
  const names = known.map((one) => (one === '' ? '.' : one))
  const message = `No tag is of a component "${name}"; ${names.length === 0 ? 'there are no release tags' : suggest(name, names)}`
  throw new WaybillError('ERR_UNKNOWN_COMPONENT', message, {
    outcome: 'usage',
    hint: names.length === 0 ? 'Tag a release first.' : `The components are ${names.join(', ')}.`,
  })
}

function componentsOf({ components = [], tagFormat }: SimulateOptions): readonly Component[] {
  if (tagFormat === undefined) return components
  return [{ name: components[0]?.name ?? '', path: components[0]?.path ?? '.', tag: tagFormat }]
}

interface Replayed {
  readonly simulated: SimulatedRelease
  readonly commits: number
  readonly dropped: number
}

function replayOne(release: PastRelease, setting: Setting, history: PastHistory): Replayed {
  const range = createPastRange(history, setting, release)
  const judged = judge(range, setting.policy)
  const outcome = setting.adjust?.(judged) ?? judged
  const { tag, version } = release
  const decided = isDecided(outcome)
  const predicted = outcome.version
  const cause = decided && predicted === version ? null : causeOf(release, outcome, setting.policy)
  const simulated = { tag, component: setting.component.name, version, decided, predicted, cause }
  return { simulated, ...countDropped(outcome) }
}

function isDecided({ due, findings }: RangeOutcome): boolean {
  return due && !findings.some(({ level }) => level === 'error')
}

function countDropped({ judged }: RangeOutcome): { commits: number; dropped: number } {
  const dropped = judged.filter(({ verdict }) => verdict.reason === '')
  return { commits: judged.length, dropped: dropped.length }
}

function sumUp(replayed: readonly Replayed[]): Pick<Simulation, 'releases' | 'totals'> {
  const releases = replayed.map(({ simulated }) => simulated)
  const count = (test: (release: SimulatedRelease) => boolean): number =>
    releases.filter(test).length
  return {
    releases,
    totals: {
      releases: releases.length,
      versionsEqual: count(({ version, predicted }) => version === predicted),
      decisionsEqual: count(({ decided }) => decided),
      exact: count(({ cause }) => cause === null),
      commits: replayed.reduce((sum, { commits }) => sum + commits, 0),
      dropped: replayed.reduce((sum, { dropped }) => sum + dropped, 0),
    },
  }
}
