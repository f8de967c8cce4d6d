// Publishers that are killed at their HTTP requests, and what is left of them in the registries.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { LoggedRequest } from '@waybill/testkit'
import * as assert from 'uvu/assert'
import { createImage } from './destination.ts'
import { carryOut, type PublishOrder } from './publish-child.ts'
import { folder, lockFolder } from './release.ts'

/** A registry whose requests are counted and can be made to fail. */
export interface FaultyRegistry {
  readonly address: string
  readonly requests: readonly LoggedRequest[]
  inject(
    faults: readonly { readonly kind: Kind; readonly at: number; readonly method?: string }[],
  ): void
}

export type Kind =
  | 'kill'
  | 'kill-after'
  | 'drop'
  | 'lose'
  | 'truncate'
  | 'corrupt'
  | 'wrong-digest'
  | 'sever'
  | `${number}`

/** Every fault that a publisher outlives, at whatever request. */
export const kinds: readonly Kind[] = [
  'drop',
  'lose',
  'sever',
  'truncate',
  'corrupt',
  'wrong-digest',
  '401',
  '403',
  '404',
  '429',
  '500',
  '503',
]

export type Tags = Readonly<Record<string, string | null>>

const child = join(import.meta.dirname, 'publish-child.js')
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
let scenes = 0

/** What ends a round of a test: the registries, where each stands in its log, and what shall be published. */
export interface Scene {
  readonly registries: readonly FaultyRegistry[]
  readonly from: readonly number[]
  readonly order: PublishOrder
}

/** A repository of its own in each registry, with 1.0.0 in it and 1.0.1 to be published. */
export async function createScene(
  registries: readonly FaultyRegistry[],
  journaled = false,
): Promise<Scene> {
  const name = `acme/scim-${++scenes}`
  const to = registries.map(({ address }) => `${address}/${name}`)
  for (const registry of registries) registry.inject([])
  await carryOut({ to, version: '1.0.0', lockFolder })
  const journal = journaled ? mkdtempSync(join(folder, 'journal-')) : undefined
  const from = registries.map(({ requests }) => requests.length)
  return { registries, from, order: { to, version: '1.0.1', lockFolder, journal } }
}

/** Publishes in a process of its own; tells how it ended. */
export function publishInChild(order: PublishOrder): Promise<number | 'SIGKILL'> {
  return runToEnd(child, order)
}

/** Runs a file with its only argument, as JSON, in a process of its own; tells how it ended. */
export async function runToEnd(file: string, order: object): Promise<number | 'SIGKILL'> {
  const publisher = spawn(process.execPath, [file, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const [code, signal] = (await once(publisher, 'exit')) as [number | null, string | null]
  assert.ok(code !== null || signal === 'SIGKILL', `ended by ${signal}`)
  return code ?? 'SIGKILL'
}

/** Every tag of a repository, read without any of Waybill. */
export async function tagsAt(reference: string): Promise<Tags> {
  const at = reference.indexOf('/')
  const base = `http://${reference.slice(0, at)}/v2${reference.slice(at)}`
  const { tags } = (await (await fetch(`${base}/tags/list`)).json()) as { tags: string[] }
  const found = await Promise.all(
    tags.toSorted().map(async (tag) => {
      const init = { method: 'HEAD', headers: { accept: MANIFEST } }
      const answer = await fetch(`${base}/manifests/${tag}`, init)
      return [tag, answer.headers.get('docker-content-digest')] as const
    }),
  )
  return Object.fromEntries(found)
}

export const stateOf = ({ order }: Scene): Promise<Tags[]> => Promise.all(order.to.map(tagsAt))

const isRolling = (name: string): boolean => /^(?:\d+(?:\.\d+)?|latest)$/.test(name)

/** No rolling name can be seen anywhere before its version can be seen everywhere. */
export function assertOrder(state: readonly Tags[]): void {
  const { digest } = createImage('1.0.1').content.subject
  const rolled = state.some((tags) =>
    Object.entries(tags).some(([name, at]) => isRolling(name) && at === digest),
  )
  if (rolled) for (const tags of state) assert.is(tags['1.0.1'], digest)
}

/**
 * No tag, manifest or finished blob was written twice to a repository since the scene began. A run that fails (and isn't killed)
 * puts rolling names back, and the next one moves them again: `rolling: 'may'`.
 */
export function assertWrittenOnce(
  { registries, from }: Scene,
  { rolling = 'once' }: { readonly rolling?: 'once' | 'may' } = {},
): void {
  for (const [index, { requests }] of registries.entries()) {
    const writes = requests
      .slice(from[index])
      .flatMap(writeOf)
      .filter((write) => rolling === 'once' || !isRolling(write.split('/').at(-1)!))
    const twice = writes.find((write, place) => writes.indexOf(write) !== place)
    assert.is(twice, undefined, 'written twice')
  }
}

function writeOf({ method, path, status }: LoggedRequest): readonly string[] {
  if (status !== 201) return []
  const blob = /[?&]digest=([^&]*)/.exec(path)?.[1]
  if (blob !== undefined) return [decodeURIComponent(blob)]
  return method === 'PUT' ? [path] : []
}
