// Rounds of a test that publish a release page beside an image, and what is left of it at the forge and in the registry.
import { join } from 'node:path'
import type { ForgeRelease, LoggedRequest, TestForge, TestRegistry } from '@waybill/testkit'
import * as assert from 'uvu/assert'
import { carryOutPage, type ForgeOrder } from './forge-child.ts'
import { runToEnd, tagsAt, type Tags } from './kill-requests.ts'
import { lockFolder } from './release.ts'

export interface ForgePair {
  readonly forge: TestForge
  readonly registry: TestRegistry
}

export interface ForgeScene extends ForgePair {
  /** Where the scene begins in the forge's log. */
  readonly from: number
  readonly order: ForgeOrder
}

let scenes = 0

/** A repository of its own, with 1.0.0 in it and 1.0.1 to be published. */
export async function createForgeScene({ forge, registry }: ForgePair): Promise<ForgeScene> {
  const repository = `acme/scim-${++scenes}`
  const order = {
    api: forge.api,
    registry: registry.address,
    repository,
    version: '1.0.0',
    lockFolder,
  }
  forge.inject([])
  registry.inject([])
  await carryOutPage(order)
  return { forge, registry, from: forge.requests.length, order: { ...order, version: '1.0.1' } }
}

/** Publishes in a process of its own; tells how it ended. */
export function publishPageInChild(order: ForgeOrder): Promise<number | 'SIGKILL'> {
  return runToEnd(join(import.meta.dirname, 'forge-child.js'), order)
}

export interface ForgeSight {
  /** A line a release, the oldest first. */
  readonly releases: readonly string[]
  readonly latest: string | undefined
  readonly tags: Tags
}

/** What can be seen of a scene's repository, names of the scene left out. */
export async function sightOf({ forge, registry, order }: ForgeScene): Promise<ForgeSight> {
  const { releases = [], latest } = forge.repository(order.repository) ?? {}
  return {
    releases: releases.map(line),
    latest: releases.find(({ id }) => id === latest)?.tag,
    tags: await tagsAt(`${registry.address}/${order.repository}`),
  }
}

function line({ tag, target, draft, assets }: ForgeRelease): string {
  const files = assets.map(({ name, state, digest }) => `${name} ${state} ${digest}`).toSorted()
  return [tag, target, draft ? 'draft' : 'published', ...files].join('\n')
}

/** A release that people can see is whole, the image stands then, and nothing is the latest before. */
export function assertForgeOrder({ releases, latest, tags }: ForgeSight): void {
  const one = releases.find((text) => text.startsWith('scim-v1.0.1') && text.includes('published'))
  if (one === undefined) return assert.is(latest, 'scim-v1.0.0')
  assert.is(one.match(/ uploaded sha256:/g)?.length, 3, one)
  assert.ok(tags['1.0.1'] !== undefined)
}

/** No file was uploaded twice, and no draft made twice, since the scene began. */
export function assertUploadedOnce({ forge, from }: ForgeScene): void {
  const writes = forge.requests.slice(from).flatMap(writeOf)
  const twice = writes.find((write, at) => writes.indexOf(write) !== at)
  assert.is(twice, undefined, 'written twice')
}

const writeOf = ({ method, path, status }: LoggedRequest): readonly string[] =>
  method === 'POST' && status === 201 ? [path] : []
