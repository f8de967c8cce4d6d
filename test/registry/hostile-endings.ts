// Every way in which an answer has no end, at every place where a registry is asked: the work ends by a limit of its own, with an error
// that says so or without one, and the memory of the process stays small. The window is a part of a second here instead of a minute.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, mapLimit } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runNode } from '../helpers/cli.ts'
import type { ChildOrder, ChildResult, Work } from '../helpers/hostile-child.ts'
import {
  endings,
  hostileServer,
  type Answering,
  type Beginning,
} from '../helpers/hostile-server.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('hostile endings')
const CHILD = join(import.meta.dirname, '../helpers/hostile-child.js')
const WINDOW = 400
const GUARD = 200_000
const MAX_MEMORY = 300

function reply(status: number, body: string | Buffer = '', ...headers: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} X`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`]
  return `${lines.join('\r\n')}\r\n\r\n${body.toString()}`
}

const layer = Buffer.alloc(100_000, 'x')
const config = Buffer.from('{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}')
const described = (mediaType: string, bytes: Buffer): object => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.byteLength,
})
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  config: described(mediaTypes.config, config),
  layers: [described(mediaTypes.layerGzip, layer)],
})
const typed = `Content-Type: ${mediaTypes.manifest}`
const session = 'Location: /v2/a/b/blobs/uploads/1'

// A registry that has one image and takes every upload.
function wellAnswered(request: string): string {
  const [method, path = ''] = request.split(' ')
  if (path === '/v2/') return reply(200, '{}')
  if (method === 'POST') return reply(202, '', session)
  if (method === 'PATCH') return reply(202, '', session)
  if (method === 'PUT') return reply(201)
  if (path.includes('/manifests/latest')) return reply(200, manifest, typed)
  if (path.includes('/blobs/') && method === 'GET') return reply(404)
  return reply(404)
}

interface Position {
  readonly work: Work
  /** Which request is answered without end. */
  readonly at: RegExp
  readonly statuses: readonly number[]
  readonly headers?: readonly string[]
  /** What comes before it, where that differs. */
  readonly before?: (request: string) => string | undefined
  readonly login?: boolean
}

const bearer = (request: string): string | undefined =>
  request.startsWith('GET /token')
    ? undefined
    : reply(401, '', 'WWW-Authenticate: Bearer realm="http://127.0.0.1:PORT/token",service="s"')
const elsewhere = (request: string): string | undefined =>
  request.includes('/manifests/') ? reply(307, '', 'Location: /elsewhere') : undefined
const wantsPieces = (request: string): string | undefined =>
  /^PUT .*uploads/.test(request) ? reply(413) : undefined

const positions: Readonly<Record<string, Position>> = {
  'the first question': {
    work: 'list',
    at: / \/v2\/ /,
    statuses: [200, 401, 404, 503],
    headers: ['WWW-Authenticate: Basic realm="x"'],
    login: true,
  },
  'a token': { work: 'list', at: / \/token/, statuses: [200, 400, 401, 302], before: bearer },
  'the tags': { work: 'list', at: /tags\/list/, statuses: [200, 404, 401, 429] },
  'a look at a name': { work: 'observe', at: /^HEAD .*manifests/, statuses: [200, 404, 302, 500] },
  'a manifest': {
    work: 'load',
    at: /^GET .*manifests/,
    statuses: [200, 404, 401, 503],
    headers: [typed],
  },
  'what a redirect leads to': {
    work: 'load',
    at: /elsewhere/,
    statuses: [200, 404, 302, 403],
    headers: [typed],
    before: elsewhere,
  },
  'a redirect itself': {
    work: 'load',
    at: /^GET .*manifests/,
    statuses: [301, 302, 307, 308],
    headers: ['Location: /v2/a/b/manifests/other'],
  },
  'a blob': { work: 'blobs', at: /^GET .*blobs/, statuses: [200, 206, 404, 416] },
  'the referrers': {
    work: 'referrers',
    at: /referrers/,
    statuses: [200, 404, 400, 502],
    headers: [`Content-Type: ${mediaTypes.index}`],
  },
  'a look at a blob': { work: 'put', at: /^HEAD .*blobs/, statuses: [200, 404, 403, 405] },
  'the beginning of an upload': {
    work: 'put',
    at: /^POST/,
    statuses: [202, 201, 404, 429],
    headers: [session],
  },
  'a whole upload': { work: 'put', at: /^PUT .*uploads/, statuses: [201, 202, 404, 500] },
  'a piece of an upload': {
    work: 'put',
    at: /^PATCH/,
    statuses: [202, 201, 416, 503],
    headers: [session],
    before: wantsPieces,
  },
  'a manifest that is written': {
    work: 'put',
    at: /^PUT .*manifests/,
    statuses: [201, 202, 400, 503],
  },
  'the end of an upload that is not wanted': {
    work: 'preflight',
    at: /^DELETE/,
    statuses: [204, 404, 405, 401],
  },
}

function answeringOf(position: Position, ending: (typeof endings)[string]): Answering {
  const { at, statuses, headers = [], before } = position
  let count = 0
  return (request) => {
    const status = statuses[count % statuses.length]!
    if (at.test(request)) count++
    const answer: Beginning = { status, headers }
    if (at.test(request)) return { ending, answer }
    return before?.(request) ?? wellAnswered(request)
  }
}

async function inChild(order: ChildOrder): Promise<ChildResult> {
  let timer: NodeJS.Timeout | undefined
  const { code, stdout, stderr } = await runNode([CHILD, JSON.stringify(order)], {
    onStart: (child) => void (timer = setTimeout(() => child.kill('SIGKILL'), GUARD)),
  })
  clearTimeout(timer)
  assert.is(code, 0, `it did not end by itself: ${stderr}`)
  return JSON.parse(stdout) as ChildResult
}

async function ends(position: Position): Promise<ChildResult> {
  const servers = await Promise.all(
    Object.values(endings).map(async (ending) => {
      const answering = answeringOf(position, ending)
      let port = ''
      const server = await hostileServer((request) => {
        const answer = answering(request)
        return typeof answer === 'string' ? answer.replace('PORT', port) : answer
      })
      port = server.address.split(':')[1]!
      return server
    }),
  )
  const folder = temporaryFolder('docker-config')
  const auth = Buffer.from('u:p').toString('base64')
  const auths = Object.fromEntries(servers.map(({ address }) => [address, { auth }]))
  const file = JSON.stringify(position.login === true ? { auths } : {})
  writeFileSync(join(folder, 'config.json'), file)
  const at = servers.map(({ address }) => `${address}/a/b`)
  const env = { DOCKER_CONFIG: folder }
  const result = await inChild({ work: position.work, at, timeout: WINDOW, env })
  await Promise.all(servers.map((server) => server.close()))
  return result
}

// Most of it is waiting for windows to end, so the places are tried side by side.
const results = mapLimit(
  Object.entries(positions),
  5,
  async ([name, position]) =>
    [name, await ends(position).catch((error: unknown) => error)] as const,
)

for (const name of Object.keys(positions)) {
  test(`${name}: ends, whatever is without end`, async () => {
    const found = new Map(await results).get(name) as ChildResult | Error
    if (found instanceof Error) throw found
    for (const [index, end] of found.ends.entries())
      assert.match(end, /^(?:ERR_|done)/, `${Object.keys(endings)[index]}: ${end}`)
    assert.ok(found.memory < MAX_MEMORY, `${found.memory} MB`)
  })
}

test.run()
