import type { Decision, MatrixCell, Release, ReleasePlan } from '@waybill/core'
import type { Definition } from '../definition/types.ts'
import { componentEntry } from './components.ts'

/** Plans what is released and the builds it takes, from decisions alone. */
export function planRelease(decisions: readonly Decision[], definition: Definition): ReleasePlan {
  const releases = decisions.flatMap((decision) =>
    decision.status === 'due' ? [decision.release] : [],
  )
  return {
    schemaVersion: 1,
    releases,
    matrix: releases.flatMap((release) => cellsOf(release, definition)),
  }
}

/** The cells of one release: one a build and platform. */
export function cellsOf(release: Release, definition: Definition): MatrixCell[] {
  const { builds = [] } = componentEntry(definition, release.component)
  return builds.flatMap((build) =>
    build.platforms.map((platform) => ({
      id: cellId(release.component, build.binary, platform),
      component: release.component,
      binary: build.binary,
      toolchain: build.toolchain,
      platform,
      required: build.optional !== true,
    })),
  )
}

// An id must do as a job's or a file's name: the component is left out of the binary's name where they are the same.
/** Names a cell: unique in the plan, and fit to be a job or a file name. */
export function cellId(component: string, binary: string, platform: string): string {
  const parts = component === binary ? [component, platform] : [component, binary, platform]
  return parts.join('-').replaceAll(/[^A-Za-z0-9._-]+/g, '-')
}
