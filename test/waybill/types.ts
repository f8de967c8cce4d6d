// What the types forbid (held by the compiler: an expectation that is not met fails the build), and what JavaScript callers get instead.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createContext, type ContextOptions } from '@waybill/core'
import {
  assemble,
  planPublish,
  publish,
  registries,
  type Artifact,
  type AssembledImage,
  type Base,
  type ProvenImage,
  type Release,
} from 'waybill'
import type { CallOf } from '../../tools/waybill/dist/cli/command.js'
import { rejects } from '../helpers/rejects.ts'

const test = suite('types')
const release: Release = {
  component: 'app',
  path: 'app',
  version: '1.0.0',
  tag: 'v1.0.0',
  commit: 'a'.repeat(40),
  created: 0,
}
const to = registries({ hub: '127.0.0.1:9/acme/app', ghcr: '127.0.0.1:9/acme/other' })

const binary: Artifact = {
  kind: 'binary',
  name: 'app',
  path: 'app',
  digest: `sha256:${'0'.repeat(64)}`,
  size: 1,
  platform: 'linux/amd64',
}

test('an image without a proof has no publish plan', async () => {
  const image = {
    content: {},
    proof: { kind: 'identity', checked: [] },
    artifacts: [],
  } as unknown as AssembledImage
  // @ts-expect-error an assembled image is not a proven one
  await rejects(() => planPublish(release, image, { to }), 'ERR_UNPROVEN')
  await rejects(() => planPublish(release, image as unknown as ProvenImage, { to }), 'ERR_UNPROVEN')
})

test('a base without a digest cannot be assembled upon', async () => {
  // @ts-expect-error a tag is not a base
  const base: Base = 'debian:latest'
  await rejects(() => assemble(release, [binary], { base, path: '/app' }), 'ERR_FLOATING_BASE')
})

// Never called: only its types count.
export async function neverFewer(proven: ProvenImage): Promise<void> {
  const plan = await planPublish(release, proven, { to })
  const fewer = { hub: to.hub }
  // @ts-expect-error a plan cannot be published to fewer registries than it names
  await publish(plan, { content: proven, to: fewer })
  await publish(plan, { content: proven, to })
}

test('what a person gave does not become a context by being spread over one', () => {
  const { options } = { options: {} } as CallOf<{ readonly env?: Readonly<Record<string, string>> }>
  const context = createContext()
  // @ts-expect-error the env of an image would take the place of the process's
  const access: ContextOptions = { ...context, ...options }
  assert.ok(access)
})

test.run()
