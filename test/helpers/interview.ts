import { createHash } from 'node:crypto'
import { digestOf } from '@waybill/core'
import { ask, IMAGE, smallManifest } from './push.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'

/** One answer, as far as two registries should agree about it. */
function outlined(
  line: string,
  { status, headers, body }: Awaited<ReturnType<typeof ask>>,
): string {
  const type = headers.get('content-type')?.split(';')[0] ?? ''
  const names = ['oci-subject', 'oci-tag', 'range', 'docker-content-digest', 'content-range']
  const shown = names.filter((n) => headers.has(n)).map((n) => `${n}: ${headers.get(n)}`)
  const absolute = headers.get('location')?.startsWith('http://') ?? ''
  const code = /"code":"(\w+)"/.exec(body.toString())?.[1] ?? ''
  return [line, status, status === 405 ? '' : type, ...shown, absolute, code].join(' ')
}

/** Everything a client may try, and a good deal that it should not. */
export async function interview(address: string): Promise<readonly string[]> {
  const lines: string[] = []
  const tell = async (name: string, line: string, init: RequestInit = {}): Promise<string> => {
    const answer = await ask(address, line, init)
    lines.push(outlined(name, answer))
    return answer.headers.get('location') ?? ''
  }
  const say = (line: string, init: RequestInit = {}): Promise<string> => tell(line, line, init)
  for (const path of [
    '',
    'UPPER/tags/list',
    'a/tags/list',
    'a/manifests/x',
    'a/blobs/sha256:abc',
  ]) {
    await say(`GET /v2/${path}`)
  }
  await say(`GET /v2/a/blobs/${digestOf('none')}`)
  const begun = await say('POST /v2/a/blobs/uploads/')
  await tell('status', `GET ${begun}`)
  const binary = { 'Content-Type': 'application/octet-stream' }
  const range = { ...binary, 'Content-Range': '0-0' }
  const after = await tell('chunk', `PATCH ${begun}`, { body: '{', headers: range })
  await tell('no state', `PATCH ${begun.split('?')[0]}`, { body: '}', headers: binary })
  await tell('old state', `PATCH ${begun}`, { body: '}', headers: binary })
  const disorder = { ...binary, 'Content-Range': '5-5' }
  const next = await tell('disorder', `PATCH ${after}`, { body: '}', headers: disorder })
  await tell('text', `PATCH ${next}`, { body: '}' })
  const again = await say('POST /v2/a/blobs/uploads/')
  await tell('end', `PUT ${again}&digest=${digestOf('{}')}`, { body: '{}' })
  await say(`HEAD /v2/a/blobs/${digestOf('{}')}`)
  await say(`GET /v2/a/blobs/${digestOf('{}')}`, { headers: { Range: 'bytes=1-1' } })
  const wrong = await say('POST /v2/a/blobs/uploads/')
  await tell('wrong digest', `PUT ${wrong}&digest=${digestOf('other')}`, { body: '{}' })
  const cancelled = await say('POST /v2/a/blobs/uploads/')
  await tell('cancel', `DELETE ${cancelled}`)
  await tell('cancelled', `GET ${cancelled}`)
  await say(`POST /v2/a/blobs/uploads/?digest=${digestOf('abc')}`, { body: 'abc' })
  for (const from of ['&from=a', '&from=none', '']) {
    await say(`POST /v2/b${from.length}/blobs/uploads/?mount=${digestOf('{}')}${from}`)
  }
  const put = (
    reference: string,
    body: string,
    type: string | undefined = IMAGE,
  ): Promise<string> =>
    say(`PUT /v2/a/manifests/${reference}`, { body, headers: { 'Content-Type': type } })
  const layer = { mediaType: 'application/octet-stream', digest: digestOf('none'), size: 4 }
  const subject = { mediaType: IMAGE, digest: digestOf(smallManifest('')), size: 1 }
  await put('1.0', smallManifest(''))
  await put('1.1', smallManifest('', { layers: [layer] }))
  await put('1.1', smallManifest(''), INDEX)
  await put('1.1', `${smallManifest('')}x`)
  await put('1.1', '{}', 'application/x-other')
  await put(digestOf('other'), smallManifest(''))
  await put(`sha512:${createHash('sha512').update('{}').digest('hex')}`, '{}')
  await put('a+b', smallManifest(''))
  const about = smallManifest('', { subject })
  await put(`${digestOf(about)}?tag=t1`, about)
  const entry = { mediaType: IMAGE, digest: digestOf(smallManifest('')), size: 240 }
  const index = (digest: string): string =>
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [{ ...entry, digest }] })
  await put('index', index(entry.digest), INDEX)
  await put('index2', index(digestOf('none')), INDEX)
  for (const type of [INDEX, IMAGE, '*/*', `${IMAGE}, ${INDEX};q=0.5`]) {
    const headers = { Accept: type }
    await tell(`GET index as ${type}`, 'GET /v2/a/manifests/index', { headers })
    await tell(`HEAD image as ${type}`, 'HEAD /v2/a/manifests/1.0', { headers })
  }
  await say(`GET /v2/a/referrers/${digestOf('x')}`)
  for (const query of ['', '?n=1', '?n=0', '?n=1&last=1.0', '?n=x'])
    await say(`GET /v2/a/tags/list${query}`)
  await say('POST /v2/a/manifests/1.0')
  await say(`PUT /v2/a/blobs/${digestOf('{}')}`)
  return lines
}
