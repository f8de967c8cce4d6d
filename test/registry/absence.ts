// Whether a tag is absent: every answer to HEAD, GET and the list, with and without a user, against the rule written down once more.
import { createHttpClient, digestOf, type WaybillError } from '@waybill/core'
import { destination, repository } from '@waybill/registry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { IMAGE, smallManifest } from '../helpers/push.ts'
import { scriptedServer, type Asked } from '../helpers/server.ts'
import type { ServerResponse } from 'node:http'

const test = suite('absence of a tag')

const HEADS = ['200', '200 without digest', '404', '403', '405'] as const
const GETS = ['200', '404', '401', '403', '400'] as const
const LISTS = [
  'has it',
  'is without it',
  'is empty',
  'is null',
  'is half',
  'is another page',
  'is no JSON',
  '404',
  '405',
  '501',
  '401',
  '403',
  '400',
] as const
const PUSHES = ['allowed', 'refused'] as const

interface Case {
  readonly head: (typeof HEADS)[number]
  readonly get: (typeof GETS)[number]
  readonly list: (typeof LISTS)[number]
  readonly push: (typeof PUSHES)[number]
}

const cases: readonly Case[] = HEADS.flatMap((head) =>
  GETS.flatMap((get) => LISTS.flatMap((list) => PUSHES.map((push) => ({ head, get, list, push })))),
)

const manifest = Buffer.from(smallManifest('there'))
const digest = digestOf(manifest)

/** What is right, said apart from the code: the digest, "absent", or "unknown". */
function right({ head, get, list, push }: Case): string {
  // A list that names what cannot be read, or that is without what can, is asked for by nobody where HEAD is honest.
  if (head === '200') return digest
  if (get === '200') return digest
  const isWhole = ['is without it', 'is another page', 'is empty', 'is null'].includes(list)
  const isNone = ['404', '405', '501'].includes(list)
  if (get === '404') return isWhole || isNone ? 'absent' : 'unknown'
  if (get !== '403') return 'unknown'
  const isProof = list === 'is without it' || list === 'is another page'
  return isProof && push === 'allowed' ? 'absent' : 'unknown'
}

function answerList({ list }: Case, asked: Asked, response: ServerResponse): unknown {
  const tags = (names: unknown, link?: string): unknown =>
    response
      .writeHead(200, {
        'content-type': 'application/json',
        ...(link === undefined ? {} : { link }),
      })
      .end(JSON.stringify({ name: 'x', tags: names }))
  const isSecond = asked.url.includes('last=')
  const next = `<${asked.url.split('?')[0]}?last=0.9.0>; rel="next"`
  switch (list) {
    case 'has it':
      return tags(['0.9.0', '1.0.0'])
    case 'is without it':
      return tags(['0.9.0'])
    case 'is empty':
      return tags([])
    case 'is null':
      return tags(null)
    case 'is half':
      return isSecond ? response.writeHead(404).end() : tags(['0.9.0'], next)
    case 'is another page':
      return isSecond ? tags(['0.9.1']) : tags(['0.9.0'], next)
    case 'is no JSON':
      return response.writeHead(200).end('<html>')
    default:
      return response.writeHead(Number(list)).end()
  }
}

function answer(one: Case, asked: Asked, response: ServerResponse): unknown {
  const { method, url } = asked
  const found = { 'content-type': IMAGE, 'docker-content-digest': digest }
  if (url.includes('/tags/list')) return answerList(one, asked, response)
  if (url.includes('/blobs/uploads/') && method === 'POST')
    return one.push === 'allowed'
      ? response.writeHead(202, { location: '/v2/upload' }).end()
      : response.writeHead(403).end()
  if (method === 'DELETE') return response.writeHead(204).end()
  if (method === 'HEAD' && one.head === '200 without digest')
    return response.writeHead(200, { 'content-type': IMAGE }).end()
  const status = method === 'HEAD' ? one.head : one.get
  if (status === '200') return response.writeHead(200, found).end(method === 'HEAD' ? '' : manifest)
  return response.writeHead(Number(status)).end()
}

test(`of ${cases.length} answers of a registry, each is taken as the rule has it, and nothing is written`, async () => {
  const server = await scriptedServer((asked, response) => {
    const at = /^\/v2\/case-(\d+)\//.exec(asked.url)?.[1]
    if (at === undefined) return response.writeHead(asked.method === 'DELETE' ? 204 : 200).end('{}')
    return answer(cases[Number(at)]!, asked, response)
  })
  const env = {}
  const http = createHttpClient({ env })
  try {
    for (const read of [false, true])
      for (const [index, one] of cases.entries()) {
        const to = destination(`${server.address}/case-${index}/image`, { env, http })
        // The list may have been read a moment ago, or not.
        if (read) await to.names().catch(() => {})
        const found = await to.observe('1.0.0').then(
          (seen) => seen ?? 'absent',
          (error: WaybillError) => (error.code === 'ERR_UNKNOWN_STATE' ? 'unknown' : error.code),
        )
        // A list that is without the tag makes GET be asked at once.
        const expected = right(read && isWithout(one.list) ? { ...one, head: '404' } : one)
        assert.is(found, expected, `${JSON.stringify(one)}${read ? ', the list read before' : ''}`)
      }
    assert.equal(
      server.lines().filter((line) => line.startsWith('PUT')),
      [],
    )
  } finally {
    await server.close()
    await http.close()
  }
})

const isWithout = (list: Case['list']): boolean =>
  ['is without it', 'is empty', 'is null', 'is another page', '404', '405', '501'].includes(list)

test('a tag that is listed and leads nowhere is said so, by name', async () => {
  const one = { head: '404', get: '404', list: 'has it', push: 'allowed' } as const
  const server = await scriptedServer((asked, response) => answer(one, asked, response))
  const to = destination(`${server.address}/a/b`)
  const error = await rejects(to.observe('1.0.0'), 'ERR_UNKNOWN_STATE')
  assert.is(error.details['phantom'], true)
  assert.match(error.message, /1\.0\.0 is in the registry.s list of tags, but leads nowhere/)
  await server.close()
})

test('where it must stop, a 403 is said to be what some registries answer for what they do not have', async () => {
  for (const list of ['404', 'is empty', 'has it'] as const) {
    const one = { head: '403', get: '403', list, push: 'allowed' } as const
    const server = await scriptedServer((asked, response) => answer(one, asked, response))
    const error = await rejects(
      destination(`${server.address}/a/b`).observe('1.0.0'),
      'ERR_UNKNOWN_STATE',
    )
    assert.match(error.message, 'this registry answers 403 for what it does not have')
    assert.is(error.outcome, 'unknown')
    await server.close()
  }
})

test('who resolves a tag is told "not there" by the same rule for a 403', async () => {
  for (const [list, code] of [
    ['is without it', 'ERR_NOT_FOUND'],
    ['has it', 'ERR_DENIED'],
    ['404', 'ERR_DENIED'],
  ] as const) {
    const one = { head: '403', get: '403', list, push: 'allowed' } as const
    const server = await scriptedServer((asked, response) => answer(one, asked, response))
    await rejects(repository(`${server.address}/a/b`).resolve('1.0.0'), code)
    await server.close()
  }
})

test.run()
