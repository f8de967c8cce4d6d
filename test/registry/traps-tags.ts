// registry.md D 10: how registries list tags.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination } from '@waybill/registry'
import { rejects } from '../helpers/rejects.ts'
import { scriptedServer, type Asked } from '../helpers/server.ts'

const test = suite('traps of listing tags')

interface Page {
  readonly tags: unknown
  readonly link?: string
  readonly type?: string
}

async function names(
  answer: (asked: Asked, query: URLSearchParams, address: string) => Page,
): Promise<{ found: readonly string[]; pages: number; lines: string[] }> {
  const server = await scriptedServer((asked, response) => {
    if (asked.url === '/v2/') return response.end('{}')
    const page = answer(asked, new URL(asked.url, 'http://x').searchParams, server.address)
    const link = page.link === undefined ? {} : { link: page.link }
    return response
      .writeHead(200, { 'content-type': 'application/json', ...link })
      .end(JSON.stringify({ name: 'a/b', tags: page.tags }))
  })
  try {
    const found = await destination(`${server.address}/a/b`).names()
    return {
      found,
      pages: server.asked.filter(({ url }) => url.includes('/tags/list')).length,
      lines: server.lines(),
    }
  } finally {
    await server.close()
  }
}

test('follows a relative Link, over short and empty pages, to the end', async () => {
  const pages: Page[] = [
    { tags: ['b', 'a'], link: '</v2/a/b/tags/list?n=2&last=b>; rel="next"' },
    { tags: [], link: '<?n=2&last=c>; rel=next' },
    { tags: ['1.0'], link: '</v2/a/b/tags/list?last=d>;rel="next", </other>; rel="prev"' },
    { tags: ['latest'] },
  ]
  const { found, pages: asked } = await names(() => pages.shift()!)
  assert.equal(found, ['1.0', 'a', 'b', 'latest'])
  assert.is(asked, 4)
})

test('follows an absolute Link', async () => {
  const { found } = await names((asked, query, address) =>
    query.has('last')
      ? { tags: ['two'] }
      : { tags: ['one'], link: `<http://${address}${asked.url}&last=one>; rel="next"` },
  )
  assert.equal(found, ['one', 'two'])
})

test('a Link that names another host is followed where the list is; one that is no address ends it with an error', async () => {
  for (const host of ['http://internal.example:5000', '//evil.example', 'http://169.254.169.254']) {
    const { found } = await names((asked, query) =>
      query.has('last')
        ? { tags: ['two'] }
        : { tags: ['one'], link: `<${host}${asked.url}&last=one>; rel="next"` },
    )
    assert.equal(found, ['one', 'two'])
  }
  await rejects(
    names(() => ({ tags: ['one'], link: '<http://[>; rel="next"' })),
    'ERR_UNKNOWN_STATE',
  )
})

test('a Link is read as RFC 8288 has it: several relations, parameters with commas, several links', async () => {
  const next = '</v2/a/b/tags/list?last=one>'
  const links = [
    `${next}; rel="prev next"`,
    `${next}; rel="NEXT"`,
    `${next}; title="a;b,c"; rel="next"`,
    `${next}; title="a \\" rel=prev"; rel=next`,
    `${next};rel=next;type="x/y"`,
    `${next} ; rel = "next"`,
    `</other>; rel="prev", ${next}; rel="next"`,
    `</other>; rel=preload; as=style, ${next}; rel="next"`,
    `, ${next}; rel="next",`,
  ]
  for (const link of links) {
    const { found } = await names((_asked, query) =>
      query.has('last') ? { tags: ['two'] } : { tags: ['one'], link },
    )
    assert.equal(found, ['one', 'two'], link)
  }
  for (const link of ['</x>; rel="prev"', '</x>; title="rel=next"', '</x>; rel="nextish"', ''])
    assert.equal((await names(() => ({ tags: ['one'], link }))).found, ['one'], link)
})

test('a Link that cannot be read leaves it open whether the list is whole', async () => {
  for (const link of ['garbage', '<>; rel="next"', '< >; rel=next', '</x; rel="next"', '</x> next'])
    await rejects(
      names(() => ({ tags: ['one'], link })),
      'ERR_UNKNOWN_STATE',
    ).catch((error: unknown) => {
      throw new Error(link, { cause: error })
    })
})

test('null is none, and digests among the tags are none', async () => {
  assert.equal((await names(() => ({ tags: null }))).found, [])
  const { found } = await names(() => ({
    tags: [`sha256:${'a'.repeat(64)}`, '1.0', 'sha256__x', 7, ''],
  }))
  assert.equal(found, ['1.0', 'sha256__x'])
})

test('asks for at most 1000 at a time, and on where a full page has no Link', async () => {
  const all = Array.from({ length: 2300 }, (_, n) => `t${String(n).padStart(5, '0')}`)
  const { found, lines } = await names((_asked, query) => {
    const start = query.has('last') ? all.indexOf(query.get('last')!) + 1 : 0
    return { tags: all.slice(start, start + 1000) }
  })
  assert.equal(found, all)
  assert.ok(lines.slice(1).every((line) => line.includes('n=1000')))
})

test('a registry that ignores n and last is asked no more than twice', async () => {
  const all = Array.from({ length: 1500 }, (_, n) => `t${n}`)
  const { found, pages } = await names(() => ({ tags: all }))
  assert.is(found.length, 1500)
  assert.is(pages, 2)
})

test('a Link that leads in a circle ends', async () => {
  const { found, pages } = await names(() => ({
    tags: ['a'],
    link: '</v2/a/b/tags/list?last=a>; rel="next"',
  }))
  assert.equal(found, ['a'])
  assert.is(pages, 2)
})

test.run()
