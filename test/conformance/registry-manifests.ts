// The registry against the OCI distribution specification 1.1 and what its main branch adds, clause by clause, in memory and on disk.
import { digestOf } from '@waybill/core'
import * as assert from 'uvu/assert'
import { ask, IMAGE, pushBlob, pushManifest, smallManifest, type Answer } from '../helpers/push.ts'
import { bodyOf, codeIn, forEachStorage, sha512 } from '../helpers/storages.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'

const put = (at: string, reference: string, body: string, type = IMAGE): Promise<Answer> =>
  ask(at, `PUT /v2/a/manifests/${reference}`, { body, headers: { 'Content-Type': type } })

const refused = async (asked: Promise<Answer>, status: number, code: string): Promise<void> => {
  const answer = await asked
  assert.equal([answer.status, codeIn(answer)], [status, code])
}

interface Tags {
  readonly tags: readonly string[]
}

interface Referrers {
  readonly manifests: readonly {
    readonly mediaType: string
    readonly digest: string
    readonly artifactType?: string
    readonly annotations?: object
  }[]
}

forEachStorage('distribution specification: manifests', (test) => {
  test('end-3, end-7a: keeps the exact bytes and the media type of any manifest', async ({
    at,
  }) => {
    const spaced = ` {"mediaType": "application/x-own+json",\n  "n": 1.0}`
    const { status, headers } = await put(at, 'own', spaced, 'application/x-own+json; charset=x')
    assert.equal([status, headers.get('docker-content-digest')], [201, digestOf(spaced)])
    for (const reference of ['own', digestOf(spaced)]) {
      const got = await ask(at, `GET /v2/a/manifests/${reference}`)
      assert.equal(got.body.toString(), spaced)
      assert.is(got.headers.get('content-type'), 'application/x-own+json')
      const head = await ask(at, `HEAD /v2/a/manifests/${reference}`)
      assert.is(head.headers.get('content-length'), `${Buffer.byteLength(spaced)}`)
      assert.is(head.headers.get('docker-content-digest'), digestOf(spaced))
    }
    const absent = await ask(at, 'GET /v2/a/manifests/none')
    assert.equal([absent.status, codeIn(absent)], [404, 'MANIFEST_UNKNOWN'])
    assert.is((await ask(at, 'GET /v2/none/manifests/own')).status, 404)
  })

  test('end-7a: takes a manifest by its sha512', async ({ at }) => {
    await pushBlob(at, 'a', Buffer.from('{}'))
    const { status, headers } = await put(at, sha512(smallManifest('')), smallManifest(''))
    assert.equal([status, headers.get('docker-content-digest')], [201, sha512(smallManifest(''))])
  })

  test('end-7a: refuses what is not what it says, or refers to what is not there', async ({
    at,
  }) => {
    await pushBlob(at, 'a', Buffer.from('{}'))
    const layer = { mediaType: 'application/octet-stream', digest: digestOf('none'), size: 4 }
    const child = JSON.stringify({ schemaVersion: 2, manifests: [{ ...layer, mediaType: IMAGE }] })
    await refused(put(at, digestOf('x'), smallManifest('')), 400, 'DIGEST_INVALID')
    await refused(put(at, '1', smallManifest(''), INDEX), 400, 'MANIFEST_INVALID')
    await refused(put(at, '1', 'no JSON'), 400, 'MANIFEST_INVALID')
    await refused(put(at, '1', smallManifest('', { layers: [{}] })), 400, 'MANIFEST_INVALID')
    await refused(
      put(at, '1', smallManifest('', { layers: [layer] })),
      400,
      'MANIFEST_BLOB_UNKNOWN',
    )
    await refused(put(at, '1', child, INDEX), 400, 'MANIFEST_BLOB_UNKNOWN')
    await refused(put(at, 'a+b', smallManifest('')), 404, 'MANIFEST_UNKNOWN')
    await refused(put(at, '1', ' '.repeat(4 * 1024 * 1024 + 1)), 413, 'SIZE_INVALID')
    assert.is((await ask(at, 'GET /v2/a/manifests/1')).status, 404)
  })

  test('end-7a: takes layers that stay elsewhere, and four megabytes', async ({ at }) => {
    await pushBlob(at, 'a', Buffer.from('{}'))
    const type = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    const layers = [{ mediaType: type, digest: digestOf('none'), size: 4 }]
    assert.is((await put(at, '1', smallManifest('', { layers }))).status, 201)
    assert.is((await put(at, '2', smallManifest('a'.repeat(4_000_000)))).status, 201)
  })

  test('end-7b: sets every tag that is asked for', async ({ at }) => {
    await pushBlob(at, 'a', Buffer.from('{}'))
    const tags = Array.from({ length: 12 }, (_, n) => `t${n}`)
    const query = tags.map((tag) => `tag=${tag}`).join('&')
    const { status, headers } = await put(
      at,
      `${digestOf(smallManifest(''))}?${query}`,
      smallManifest(''),
    )
    assert.is(status, 201)
    assert.equal(headers.get('oci-tag')?.split(', '), tags)
    assert.equal(bodyOf<Tags>(await ask(at, 'GET /v2/a/tags/list')).tags, tags.toSorted())
    const bad = await put(
      at,
      `${digestOf(smallManifest('x'))}?tag=ok&tag=a%2Bb`,
      smallManifest('x'),
    )
    assert.is(bad.status, 400)
    assert.is((await ask(at, 'GET /v2/a/manifests/ok')).status, 404)
  })

  test('end-8: lists tags in order, by pages', async ({ at }) => {
    for (const tag of ['b', 'a', 'C', '1.10', '1.9']) await pushManifest(at, 'a', { tag })
    const list = async (query: string): Promise<[readonly string[], string | null]> => {
      const answer = await ask(at, `GET /v2/a/tags/list${query}`)
      return [bodyOf<Tags>(answer).tags, answer.headers.get('link')]
    }
    assert.equal(await list(''), [['1.10', '1.9', 'C', 'a', 'b'], null])
    assert.equal(await list('?n=0'), [[], null])
    const next = '</v2/a/tags/list?n=2&last=1.9>; rel="next"'
    assert.equal(await list('?n=2'), [['1.10', '1.9'], next])
    assert.equal(await list('?n=3&last=1.9'), [['C', 'a', 'b'], null])
    assert.equal(await list('?last=B'), [['C', 'a', 'b'], null])
    assert.is((await ask(at, 'GET /v2/a/tags/list?n=x')).status, 400)
    assert.is((await ask(at, 'GET /v2/none/tags/list')).status, 404)
    assert.equal(bodyOf(await ask(at, 'GET /v2/_catalog')), { repositories: ['a'] })
  })

  test('end-9, end-10: deletes tags, manifests with all their tags, and blobs', async ({ at }) => {
    for (const tag of ['1', '2', '3']) await pushManifest(at, 'a', { tag })
    await pushManifest(at, 'a', { tag: 'other', text: 'other' })
    const status = async (line: string): Promise<number> => (await ask(at, line)).status
    assert.is(await status('DELETE /v2/a/manifests/1'), 202)
    assert.is(await status('GET /v2/a/manifests/1'), 404)
    assert.is(await status('GET /v2/a/manifests/2'), 200)
    assert.is(await status(`DELETE /v2/a/manifests/${digestOf(smallManifest(''))}`), 202)
    assert.is(await status(`DELETE /v2/a/manifests/${digestOf(smallManifest(''))}`), 404)
    assert.equal(bodyOf<Tags>(await ask(at, 'GET /v2/a/tags/list')).tags, ['other'])
    assert.is(await status(`DELETE /v2/a/blobs/${digestOf('{}')}`), 202)
    assert.is(await status(`DELETE /v2/a/blobs/${digestOf('{}')}`), 404)
    assert.is(await status('DELETE /v2/none/manifests/1'), 404)
  })

  test('end-12: lists what refers to a manifest, also one that is not there', async ({ at }) => {
    const subject = { mediaType: IMAGE, digest: digestOf('subject'), size: 7 }
    const list = async (query = ''): Promise<Answer> =>
      ask(at, `GET /v2/a/referrers/${digestOf('subject')}${query}`)
    const push = async (text: string, more: object): Promise<string | null> =>
      (await pushManifest(at, 'a', { text, more: { subject, ...more } })).headers.get('oci-subject')
    assert.equal(bodyOf<Referrers>(await list()).manifests, [])
    assert.is(await push('typed', { artifactType: 'application/x-sbom' }), digestOf('subject'))
    await push('plain', {})
    const index = { schemaVersion: 2, mediaType: INDEX, manifests: [], subject }
    await put(at, 'index', JSON.stringify(index), INDEX)
    const all = await list()
    assert.is(all.headers.get('content-type'), INDEX)
    const types = bodyOf<Referrers>(all).manifests.map((one) => [
      one.mediaType,
      one.artifactType,
      one.annotations,
    ])
    const expected = [
      [IMAGE, 'application/vnd.oci.empty.v1+json', { text: 'plain' }],
      [IMAGE, 'application/x-sbom', { text: 'typed' }],
      [INDEX, undefined, undefined],
    ]
    assert.equal(types.toSorted(), expected.toSorted())
    const filtered = await list('?artifactType=application/x-sbom')
    assert.is(filtered.headers.get('oci-filters-applied'), 'artifactType')
    const [sbom, ...others] = bodyOf<Referrers>(filtered).manifests
    assert.is(others.length, 0)
    await ask(at, `DELETE /v2/a/manifests/${sbom?.digest}`)
    assert.is(bodyOf<Referrers>(await list()).manifests.length, 2)
    assert.is((await ask(at, 'GET /v2/a/referrers/sha256:abc')).status, 400)
  })
})
