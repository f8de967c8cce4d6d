// Every field of real plans, at every depth: deleted, nulled, of another type, another beside it, or of another plan. None of it switches a check off.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWaybillError, planDigest, type ProvenImage, type PublishPlan } from '@waybill/core'
import { loadContent, openLayout } from '@waybill/oci'
import { proveIdentity, findArtifacts, waiveIdentity } from '@waybill/image'
import { parsePlan, planPublish, publish, releasedFiles } from '@waybill/publish'
import { destination } from '@waybill/registry'
import { startForge, startRegistry, type TestRegistry } from '@waybill/testkit'
import { waybill } from '../helpers/cli.ts'
import { pageOf, releasedFiles as filesOf, releasesOf } from '../helpers/forge.ts'
import { mutations, put, type Path, type Plan } from '../helpers/mutations.ts'
import { lockFolder } from '../helpers/release.ts'
import { tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'

interface Scene {
  registry: TestRegistry
  image: ReleasedImage
  /** By what they are for, as the command line printed them. */
  plans: Record<string, Plan>
  /** Another plan of each kind. */
  others: Record<string, Plan>
}

const test = suite<Scene>('fields of a plan')

const KINDS: Readonly<Record<string, readonly string[]>> = {
  image: [],
  waived: ['--waive-identity', 'a test'],
  channel: ['--channel', 'edge'],
  prefix: ['--tag-prefix', 'cli-v'],
  yanked: ['--yanked', '9.0.0'],
  prerelease: [],
}

test.before(async (scene) => {
  const registry = await startRegistry()
  const image = await createReleasedImage()
  Object.assign(scene, { registry, image, plans: {}, others: {} })
  for (const [kind, more] of Object.entries(KINDS)) {
    scene.plans[kind] = await printed(scene, kind, more)
    scene.others[kind] = await printed(scene, kind, more, '2.0.0')
  }
  scene.plans['files'] = await filesPlan('1.0.0')
  scene.others['files'] = await filesPlan('2.0.0')
})
test.after(({ registry }) => registry.close())

async function printed(
  { image, registry }: Scene,
  kind: string,
  more: readonly string[],
  version = '1.0.0',
): Promise<Plan> {
  const to = ['a', 'b'].map((name) => `${registry.address}/acme/${kind}-${name}`)
  const text = kind === 'prerelease' ? `${version}-rc.1` : version
  const words = publishWords(image, text, to).filter(
    (word, index, all) =>
      kind !== 'waived' ||
      !['--artifacts', '--path'].some((one) => one === word || one === all[index - 1]),
  )
  const { code, stdout, stderr } = await waybill([...words, ...more, '--dry-run'])
  assert.is(code, 0, stderr + stdout)
  return JSON.parse(stdout) as Plan
}

// A release without an image goes to a page; the command line makes such a plan from a definition alone.
async function filesPlan(version: string): Promise<Plan> {
  const forge = await startForge()
  try {
    const { files } = filesOf(version)
    const { page, release } = pageOf(forge, version, { files })
    const plan = await planPublish(release, releasedFiles(files), { to: { page } })
    return JSON.parse(JSON.stringify({ ...plan, digest: planDigest(plan) })) as Plan
  } finally {
    await forge.close()
  }
}

function withDigest({ digest: _digest, ...plan }: Plan): Plan {
  return { ...plan, digest: planDigest(plan as unknown as PublishPlan) }
}

/** What `parsePlan` says of it: the plan, or its error. */
function judge(plan: Plan): PublishPlan | { readonly code: string; readonly message: string } {
  try {
    return parsePlan(JSON.stringify(plan), 'p.json')
  } catch (error) {
    if (!isWaybillError(error)) throw error
    return error
  }
}

/**
 * What may be changed, if the digest is made again: it is another plan then, and a right one. Everything in it is still held to the bytes, to
 * what stands and to the names of its version.
 */
const ANOTHER_PLAN: readonly RegExp[] = [
  /^release\.(?:component|path|tag|commit|created) of another plan$/,
  /^release deleted$/,
  /^naming\.yanked(?:\.0)? (?:deleted|is \[\])$/,
  /^naming\.commit (?:deleted|of another plan)$/,
  /^artifacts(?:\.\d+)? (?:deleted|of another plan|is \[\])$/,
  /^artifacts\.\d+\.(?:platform|component|triple) deleted$/,
  /^artifacts\.\d+\.\w+ of another plan$/,
  /^proof\.checked\.\d+ deleted$/,
  /^proof\.checked\.\d+\.artifact deleted$/,
  /^subject(?:\.\w+)? of another plan$/,
]

/** And those that only some kinds of plan have: a channel has no version in its name; what a page holds is known to the page. */
const OF_A_KIND: Readonly<Record<string, RegExp>> = {
  channel: /^naming(?:\.version)? of another plan$/,
  files: /^destinations\.github:/,
}

for (const kind of [...Object.keys(KINDS), 'files']) {
  test(`${kind}: no field can be changed and the digest kept`, ({ plans, others }) => {
    let count = 0
    for (const { what, path, plan } of mutations(plans[kind]!, others[kind]!)) {
      count++
      const found = judge(plan)
      assert.ok('code' in found, what)
      assert.match(found.code, /^ERR_(?:INVALID_PLAN|PLAN_MISMATCH)$/, what)
      if (found.code === 'ERR_INVALID_PLAN')
        assert.ok(named(found.message, path), `${what}: ${found.message}`)
    }
    assert.ok(count > 100, `${count}`)
  })

  test(`${kind}: no field can be changed and the digest made again, but for another plan that is as right`, ({
    plans,
    others,
  }) => {
    for (const { what, path, plan } of mutations(plans[kind]!, others[kind]!)) {
      if (path[0] === 'digest') continue
      const found = judge(withDigest(plan))
      if ('code' in found) {
        assert.is(found.code, 'ERR_INVALID_PLAN', what)
        continue
      }
      const allowed = [...ANOTHER_PLAN, ...(OF_A_KIND[kind] === undefined ? [] : [OF_A_KIND[kind]])]
      assert.ok(
        allowed.some((one) => one.test(what)),
        `${what} was taken`,
      )
    }
  })
}

// The message has the field's own name, or that of one it must agree with.
const named = (message: string, path: Path): boolean => {
  const words = path.filter((key) => typeof key === 'string')
  return (
    words.some((key) => message.includes(key)) ||
    /naming|destinations|observed|subject/.test(message)
  )
}

const REFUSED = /^ERR_(?:INVALID_PLAN|PLAN_MISMATCH|DESTINATION_MISSING|STALE_PLAN|IMMUTABLE_TAG)$/

async function provenFor({ image }: Scene, kind: string): Promise<ProvenImage> {
  const layout = await openLayout(image.layout)
  const content = await loadContent(layout, await layout.resolve(''))
  if (kind === 'waived') return waiveIdentity(content, { reason: 'a test' })
  const { artifacts, folder } = await findArtifacts(image.artifacts)
  return proveIdentity(content, artifacts, { out: folder })
}

for (const kind of ['image', 'waived', 'channel', 'prefix', 'prerelease'])
  test(`${kind}: whatever is done to a plan, publishing it writes the names of its version, for the proved image, or nothing`, async (scene) => {
    const { plans, others, registry } = scene
    const right = plans[kind]! as unknown as PublishPlan
    const content = await provenFor(scene, kind)
    const to = Object.fromEntries(
      Object.keys(right.destinations).map((name) => [name, destination(name)]),
    )
    const wanted = new Set(
      Object.values(right.destinations).flatMap(({ immutable, rolling }) => [
        ...immutable,
        ...rolling,
      ]),
    )
    for (const { what, path, plan } of mutations(plans[kind]!, others[kind]!)) {
      if (path[0] === 'digest') continue
      // The library's own door: what never was a file.
      const { digest: _digest, ...bare } = plan
      const ended = await publish(bare as unknown as PublishPlan, {
        content,
        to,
        lockFolder,
      }).catch((error: unknown) => error)
      if (isWaybillError(ended)) assert.match(ended.code, REFUSED, what)
      else if (ended instanceof Error) throw new Error(what, { cause: ended })
      for (const name of Object.keys(right.destinations)) {
        const standing = await tagsOf(registry.address, name.slice(name.indexOf('/') + 1))
        assert.equal(
          standing.filter((tag) => !wanted.has(tag)),
          [],
          what,
        )
      }
    }
  })

test('files: whatever is done to a plan, publishing it writes the page of its version, or nothing', async ({
  plans,
  others,
}) => {
  const forge = await startForge()
  try {
    const { files, out } = filesOf('1.0.0')
    const { page } = pageOf(forge, '1.0.0', { files, out })
    const content = releasedFiles(files)
    for (const { what, path, plan } of mutations(plans['files']!, others['files']!)) {
      if (path[0] === 'digest') continue
      const { digest: _digest, ...bare } = plan
      const work = publish(bare as unknown as PublishPlan, { content, to: { page }, lockFolder })
      const ended = await work.catch((error: unknown) => error)
      if (isWaybillError(ended)) assert.match(ended.code, REFUSED, what)
      else if (ended instanceof Error) throw new Error(what, { cause: ended })
      const tags = releasesOf(forge).map(({ tag }) => tag)
      assert.equal(
        tags.filter((tag) => tag !== 'scim-v1.0.0'),
        [],
        what,
      )
    }
    assert.is(releasesOf(forge).length, 1)
  } finally {
    await forge.close()
  }
})

test('through the command line: a plan of a lower version, edited and signed anew, moves nothing back', async (scene) => {
  const { image, registry } = scene
  const repository = `${registry.address}/acme/back`
  const high = await waybill(publishWords(image, '2.0.0', [repository]))
  assert.is(high.code, 0, high.stdout)
  const other = await createReleasedImage('low')
  const low = [...publishWords(other, '1.5.0', [repository]), '--commit', 'b'.repeat(40)]
  const dry = await waybill([...low, '--dry-run'])
  assert.is(dry.code, 0, dry.stdout)
  const plan = dry.json() as unknown as Plan
  const observed = put(plan, ['observed', repository, 'latest'], image.digest)
  const moved = put(observed, ['destinations', repository, 'rolling'], ['latest'])
  const cases: Readonly<Record<string, Plan>> = {
    'latest added': withDigest(moved),
    'latest added, and naming taken away': withDigest(put(moved, ['naming'], undefined)),
    'and the digest as well': put(put(moved, ['naming'], undefined), ['digest'], undefined),
    'names that look like others': withDigest(
      put(observed, ['destinations', repository, 'rolling'], ['v2.0.0', 'cli-2.0.0']),
    ),
    'a naming with templates of its own': withDigest(put(moved, ['naming', 'rolling'], ['latest'])),
    'another version beside it': withDigest(
      put(plan, ['destinations', repository, 'immutable'], ['1.5.0', 'sha-bbbbbbb', '9.9.9']),
    ),
  }
  mkdirSync(join(other.folder, 'plans'))
  for (const [name, edited] of Object.entries(cases)) {
    const file = join(other.folder, 'plans', `${name}.json`)
    writeFileSync(file, JSON.stringify(edited))
    const words = [
      'publish',
      other.layout,
      '--plan',
      file,
      '--artifacts',
      other.artifacts,
      '--json',
    ]
    const { code, stdout } = await waybill(words)
    assert.ok(code === 1 || code === 2, `${name}: ${stdout}`)
    assert.match(stdout, /ERR_(?:INVALID_PLAN|STALE_PLAN)/, name)
    const tags = await tagsOf(registry.address, 'acme/back')
    assert.equal(tags.toSorted(), ['2', '2.0', '2.0.0', 'latest', 'sha-1a2b3c4'], name)
  }
})

test.run()
