// Registries whose every answer is well-formed and whose sum is too much: the memory of the whole process stays below 300 MB, and either the
// work is done or an error names the limit. In a process of its own, since memory that was used once is not given back.
import { join } from 'node:path'
import { digestOf } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runNode } from '../helpers/cli.ts'
import type { ChildOrder, ChildResult } from '../helpers/hostile-child.ts'
import { scriptedServer } from '../helpers/server.ts'

const test = suite('hostile sums')
const MAX_MEMORY = 300
const MEBIBYTE = 1024 * 1024
const CHILD = join(import.meta.dirname, '../helpers/hostile-child.js')

async function inChild(order: Omit<ChildOrder, 'timeout'>): Promise<ChildResult> {
  const { stdout, stderr } = await runNode([CHILD, JSON.stringify({ ...order, timeout: 20_000 })])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as ChildResult
}

/** Works against a server that answers paths by a function; answers how it ended. */
async function ends(
  work: ChildOrder['work'],
  answer: (url: URL, number: number) => { body: string | Buffer; type?: string; link?: string },
): Promise<string> {
  let number = 0
  const server = await scriptedServer(({ url, method }, response) => {
    const { body, type, link } = answer(new URL(url, 'http://x'), number++)
    if (type !== undefined) response.setHeader('content-type', type)
    if (link !== undefined) response.setHeader('link', `<${link}>; rel="next"`)
    response.setHeader('content-length', Buffer.byteLength(body))
    response.end(method === 'HEAD' ? undefined : body)
  })
  try {
    const result = await inChild({ work, at: [`${server.address}/a/b`] })
    assert.ok(result.memory < MAX_MEMORY, `${result.memory} MB for ${result.ends[0]}`)
    return result.ends[0]!
  } finally {
    await server.close()
  }
}

const tagList = (tags: readonly unknown[]): string => JSON.stringify({ name: 'a/b', tags })
const names = (count: number, start: number, pad = ''): string[] =>
  Array.from({ length: count }, (_, n) => `${start + n}.0.0${pad}`)
const after = (number: number): string => `/v2/a/b/tags/list?k=${number + 1}`

test('120,000 tags are read, in pages of 100, of 1000, and in one', async () => {
  const all = names(120_000, 0, `-${'a'.repeat(40)}`)
  for (const page of [100, 1000, 120_000]) {
    const end = await ends('list', (_url, number) => ({
      body: tagList(all.slice(number * page, (number + 1) * page)),
      ...((number + 1) * page < all.length ? { link: after(number) } : {}),
    }))
    assert.is(end, 'done 120000', `pages of ${page}`)
  }
})

const blank = `{"tags":["1"]${' '.repeat(15 * MEBIBYTE)}}`
const untagged = tagList(names(2000, 0, '!'.repeat(2000)))
const endlessTags = {
  'pages of 120,000 new tags': (n: number) => tagList(names(120_000, n * 120_000, 'a'.repeat(100))),
  'pages of 1000 short tags': (n: number) => tagList(names(1000, n * 1000)),
  'pages of five new tags': (n: number) => tagList(names(5, n * 5)),
  'pages of one tag that is always the same': () => tagList(['1.0.0']),
  'empty pages': () => tagList([]),
  'pages of null': () => '{"tags":null}',
  'pages of sixteen megabytes of white space': () => blank,
  'pages of texts that are no tags': () => untagged,
}

for (const [name, body] of Object.entries(endlessTags)) {
  test(`a list of tags without end: ${name}`, async () => {
    const end = await ends('list', (_url, number) => ({ body: body(number), link: after(number) }))
    assert.ok(['ERR_TOO_LARGE', 'ERR_REGISTRY'].includes(end), end)
  })
}

const values = {
  'empty objects': '{},',
  'empty lists': '[],',
  'objects of one member': '{"a":1},',
  numbers: '1,',
  'short texts': '"",',
}

for (const [name, value] of Object.entries(values)) {
  test(`a page of sixteen megabytes of ${name} among the tags`, async () => {
    const body = `{"tags":[${value.repeat((15 * MEBIBYTE) / value.length)}"1.0.0"]}`
    assert.is(await ends('list', () => ({ body })), 'ERR_TOO_LARGE')
  })
  test(`an index of four megabytes of ${name}`, async () => {
    const start = `{"schemaVersion":2,"mediaType":"${mediaTypes.index}","manifests":[`
    const body = `${start}${value.repeat((3.9 * MEBIBYTE) / value.length)}{}]}`
    for (const work of ['load', 'images', 'referrers'] as const) {
      const end = await ends(work, () => ({ body, type: mediaTypes.index }))
      assert.ok(['ERR_INVALID_IMAGE', 'ERR_TOO_LARGE'].includes(end), `${work}: ${end}`)
    }
  })
}

test('a deeply nested list harms nobody', async () => {
  for (const [open, close] of ['[]', ['{"a":', '}']] as const) {
    const body = `{"tags":${open!.repeat(500_000)}1${close!.repeat(500_000)}}`
    const end = await ends('list', () => ({ body }))
    assert.ok(['ERR_TOO_LARGE', 'ERR_REGISTRY', 'done 0'].includes(end), end)
  }
})

interface Stored {
  readonly bytes: () => Buffer
  readonly size: number
  readonly type: string
}

/** Serves documents by digest, and one under every tag. */
async function endsWith(
  work: ChildOrder['work'],
  tagged: Stored,
  stored: ReadonlyMap<string, Stored>,
): Promise<string> {
  return ends(work, ({ pathname }) => {
    const found = stored.get(decodeURIComponent(pathname.split('/').at(-1)!)) ?? tagged
    return { body: found.bytes(), type: found.type }
  })
}

function store(into: Map<string, Stored>, type: string, make: () => Buffer): object {
  const bytes = make()
  const digest = digestOf(bytes)
  into.set(digest, { bytes: make, size: bytes.byteLength, type })
  return { mediaType: type, digest, size: bytes.byteLength }
}

const asStored = (type: string, value: unknown): Stored => {
  const bytes = Buffer.from(JSON.stringify(value))
  return { bytes: () => bytes, size: bytes.byteLength, type }
}

const index = (manifests: readonly object[], more: object = {}): object => ({
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests,
  ...more,
})

const linux = { platform: { os: 'linux', architecture: 'amd64' } }

test('an index of two hundred manifests of four megabytes is refused', async () => {
  const into = new Map<string, Stored>()
  const config = store(into, mediaTypes.config, () => Buffer.from('{}'))
  const start = Buffer.from(
    `{"schemaVersion":2,"mediaType":"${mediaTypes.manifest}","config":${JSON.stringify(config)},"layers":[],"n":"`,
  )
  const pad = Buffer.alloc(4 * MEBIBYTE - 1000, 'x')
  const children = Array.from({ length: 200 }, (_, n) => ({
    ...store(into, mediaTypes.manifest, () => Buffer.concat([start, pad, Buffer.from(`${n}"}`)])),
    ...linux,
  }))
  for (const work of ['load', 'images'] as const)
    assert.is(
      await endsWith(work, asStored(mediaTypes.index, index(children)), into),
      'ERR_TOO_LARGE',
    )
})

test('a hundred configurations of eight megabytes are refused', async () => {
  const into = new Map<string, Stored>()
  const pad = 'x'.repeat(8 * MEBIBYTE - 1000)
  const children = Array.from({ length: 30 }, (_, n) => {
    const text = `{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"n":"${n}${pad}"}`
    const config = store(into, mediaTypes.config, () => Buffer.from(text))
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [] }
    const bytes = Buffer.from(JSON.stringify(manifest))
    return { ...store(into, mediaTypes.manifest, () => bytes), ...linux }
  })
  const tagged = asStored(mediaTypes.index, index(children))
  assert.is(await endsWith('images', tagged, into), 'ERR_TOO_LARGE')
})

test('an index of 20,000 small manifests is refused', async () => {
  const children = Array.from({ length: 20_000 }, (_, n) => ({
    mediaType: mediaTypes.manifest,
    digest: digestOf(String(n)),
    size: 300,
  }))
  const tagged = asStored(mediaTypes.index, index(children))
  for (const work of ['load', 'images'] as const) {
    const end = await endsWith(work, tagged, new Map())
    // The first manifest that is asked for is another one than its digest says.
    assert.ok(['ERR_TOO_LARGE', 'ERR_DIGEST_MISMATCH'].includes(end), end)
  }
})

for (const depth of [4, 5, 50, 500]) {
  test(`indexes ${depth} deep are ${depth > 4 ? 'refused' : 'read'}`, async () => {
    const into = new Map<string, Stored>()
    const config = store(into, mediaTypes.config, () =>
      Buffer.from('{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}'),
    )
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [] }
    const inner = Buffer.from(JSON.stringify(manifest))
    let last: object = { ...store(into, mediaTypes.manifest, () => inner), ...linux }
    for (let n = 0; n < depth; n++) {
      const bytes = Buffer.from(JSON.stringify(index([last])))
      last = store(into, mediaTypes.index, () => bytes)
    }
    const tagged = asStored(mediaTypes.index, index([last]))
    for (const work of ['load', 'images'] as const) {
      const end = await endsWith(work, tagged, into)
      assert.is(end, depth > 4 ? 'ERR_INVALID_IMAGE' : 'done 1', work)
    }
  })
}

test('referrers without end are refused', async () => {
  let count = 0
  const entry = (): object => ({
    mediaType: mediaTypes.manifest,
    digest: digestOf(String(count++)),
    size: 1,
    annotations: { a: 'x'.repeat(500) },
  })
  for (const perPage of [0, 1, 1000]) {
    const end = await ends('referrers', (_url, number) => ({
      body: JSON.stringify(index(Array.from({ length: perPage }, entry))),
      type: mediaTypes.index,
      link: `/v2/a/b/referrers/x?k=${number}`,
    }))
    assert.ok(['ERR_TOO_LARGE', 'ERR_REGISTRY'].includes(end), `${perPage}: ${end}`)
  }
})

test.run()
