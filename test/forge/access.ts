// Rights, limits, addresses: unknown is never absent, and the token is shown to nobody else.
import { spawnSync } from 'node:child_process'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createHttpClient, isWaybillError, WaybillError } from '@waybill/core'
import { githubRelease, parseRemote } from '@waybill/forge'
import { startForge, type Handler, type RegistryReply } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { pageOf, publishPage, REPOSITORY, releasesOf, TOKEN } from '../helpers/forge.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import { rejects } from '../helpers/rejects.ts'
import { release } from '../helpers/release.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('githubRelease, access')
const closing = closingAfter(test)

const failure = (work: Promise<unknown>): Promise<WaybillError> =>
  work.then(
    () => assert.unreachable() as never,
    (error: unknown) => {
      if (!isWaybillError(error)) throw error
      return error
    },
  )

test('a token that may only read: the permission it lacks is named, nothing is written, the outcome is unknown', async () => {
  const forge = await closing(startHeldForge({ tokens: { [TOKEN]: { contents: 'read' } } }))
  const error = await rejects(publishPage(forge, '1.0.0'), 'ERR_DENIED')
  assert.is(error.outcome, 'unknown')
  assert.match(error.message, 'Resource not accessible by integration')
  assert.match(error.hint ?? '', '`contents: write`')
  assert.equal(releasesOf(forge), [])
})

test('no token, a wrong one, a repository that is not there or may not be seen', async () => {
  const forge = await closing(
    startHeldForge({
      tokens: { [TOKEN]: { contents: 'write' } },
      repositories: { [REPOSITORY]: { private: true } },
    }),
  )
  const none = await failure(publishPage(forge, '1.0.0', { token: undefined }))
  assert.equal([none.details['reason'], none.outcome], ['ERR_NOT_FOUND', 'unknown'])
  const wrong = await failure(publishPage(forge, '1.0.0', { token: 'ghs_other' }))
  assert.equal([wrong.details['reason'], wrong.outcome], ['ERR_UNAUTHORIZED', 'unknown'])
  const made = release('1.0.0')
  const elsewhere = githubRelease('acme/other', { release: made, token: TOKEN, api: forge.api })
  const lost = await failure(elsewhere.observe(made.tag))
  assert.equal([lost.code, lost.details['reason']], ['ERR_UNKNOWN_STATE', 'ERR_NOT_FOUND'])
  assert.match(lost.hint ?? '', 'Check the repository')
})

test('without a token a public repository can be read, and publishing says what is lacking', async () => {
  const forge = await closing(startHeldForge({ tokens: { [TOKEN]: { contents: 'write' } } }))
  await publishPage(forge, '1.0.0')
  const again = await publishPage(forge, '1.0.0', { token: undefined })
  assert.equal([...new Set(again.results.map(({ outcome }) => outcome))], ['unchanged'])
  const error = await rejects(publishPage(forge, '1.1.0', { token: undefined }), 'ERR_UNAUTHORIZED')
  assert.match(error.hint ?? '', 'GITHUB_TOKEN')
})

for (const status of ['401', '403', '404', '500', '503'] as const) {
  test(`${status} to every request is never "there is no such release"`, async () => {
    const faults = [{ kind: status, at: 1, until: Infinity } as const]
    const forge = await closing(startHeldForge({ faults }))
    const { page, release: of } = pageOf(forge, '1.0.0')
    for (const name of [of.tag, 'latest', `${of.tag}/SHA256SUMS`]) {
      const error = await failure(page.observe(name))
      assert.equal([error.code, error.outcome], ['ERR_UNKNOWN_STATE', 'unknown'], name)
    }
    assert.is((await failure(page.names())).code, 'ERR_UNKNOWN_STATE')
  })
}

test('a quota that is used up is waited for, as is being too fast; what takes too long is told', async () => {
  const patient = await closing(startHeldForge({ limit: { requests: 20, seconds: 1 } }))
  await publishPage(patient, '1.0.0')
  assert.ok(patient.requests.some(({ status }) => status === 403))
  const fast = await closing(
    startHeldForge({ faults: '403:0@1-2:POST/assets,429:0@1:POST/releases' }),
  )
  await publishPage(fast, '1.0.0')
  assert.is(releasesOf(fast)[0]?.assets.length, 3)
  const spent = await closing(startHeldForge({ limit: { requests: 3, seconds: 3600 } }))
  const error = await failure(publishPage(spent, '1.0.0'))
  const told = error.details['reason'] ?? error.code
  assert.equal([told, error.outcome], ['ERR_RATE_LIMITED', 'unknown'])
})

test('where no digests are told, the bytes are fetched and compared, from a storage that never sees the token', async () => {
  const forge = await closing(startHeldForge({ digests: false }))
  await publishPage(forge, '1.0.0')
  const again = await publishPage(forge, '1.0.0')
  assert.equal([...new Set(again.results.map(({ outcome }) => outcome))], ['unchanged'])
  assert.ok(forge.storageRequests.length >= 6)
  for (const { headers, status } of forge.storageRequests)
    assert.equal([headers.authorization, status], [undefined, 200])
  const error = await rejects(publishPage(forge, '1.0.0', { seed: 'other' }), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, 'sha256:')
})

/** A server that only listens to what it is sent. */
async function startEar(): Promise<{
  readonly heard: IncomingHttpHeaders[]
  readonly origin: string
  close(): Promise<void>
}> {
  const heard: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers)
    response.end('[]')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  return { heard, origin: `http://127.0.0.1:${port}`, close }
}

test('the token goes to no other host: not for uploads, not for pages of a list, not with a redirect', async () => {
  const ear = await closing(startEar())
  const upload = (reply: RegistryReply): RegistryReply => {
    const text = Buffer.from(reply.body as Uint8Array).toString()
    return {
      ...reply,
      body: Buffer.from(text.replaceAll(/http:[^"]*uploads/g, `${ear.origin}/up`)),
    }
  }
  const pages = (reply: RegistryReply): RegistryReply => ({
    ...reply,
    headers: { ...reply.headers, Link: `<${ear.origin}/more>; rel="next"` },
  })
  const moved = (): RegistryReply => ({ status: 301, headers: { Location: `${ear.origin}/moved` } })
  for (const change of [upload, pages, moved]) {
    const wrap =
      (next: Handler): Handler =>
      async (request) =>
        request.path.endsWith('/releases') ? change(await next(request)) : next(request)
    const forge = await closing(startForge({ wrap }))
    const error = await failure(publishPage(forge, '1.0.0'))
    assert.is(error.code, 'ERR_FORBIDDEN_ADDRESS', error.message)
  }
  assert.equal(ear.heard, [])
})

test('a repository that was renamed is followed at the same host', async () => {
  const forge = await closing(
    startForge({
      wrap: (next) => async (request) => {
        if (!request.target.includes('/repos/acme/old')) return next(request)
        const location = request.target.replace('/repos/acme/old', `/repos/${REPOSITORY}`)
        return { status: 307, headers: { Location: location } }
      },
    }),
  )
  await publishPage(forge, '1.0.0')
  const { release: of } = pageOf(forge, '1.0.0')
  const old = githubRelease('acme/old', { release: of, token: TOKEN, api: forge.api })
  assert.is(await old.observe(of.tag), `gitCommit:${of.commit}`)
})

test('over https with a certificate of one’s own', async () => {
  const folder = temporaryFolder('forge-tls')
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout ${key} -out ${cert} -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1`
  assert.is(spawnSync('openssl', words.split(' ')).status, 0)
  const { readFileSync } = await import('node:fs')
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  const forge = await closing(startHeldForge({ tls }))
  const { results } = await publishPage(forge, '1.0.0', { caFile: cert })
  assert.is(results.length, 5)
  const http = createHttpClient()
  const error = await failure(publishPage(forge, '1.1.0', { http }))
  assert.is(error.outcome, 'unknown')
  await http.close()
})

test('repositories and addresses of the API that are none', async () => {
  const made = release('1.0.0')
  for (const repository of [
    'acme',
    'acme/',
    'a/b/c',
    'acme/..',
    '-/x',
    'https://github.com/acme/x',
  ])
    await rejects(() => githubRelease(repository, { release: made }), 'ERR_INVALID_REPOSITORY')
  for (const api of [
    'http://ghe.example.com/api/v3',
    `https://user:${TOKEN}@ghe.example.com`,
    'https://ghe.example.com/?token=x',
    'ghe.example.com',
    'ftp://127.0.0.1',
  ]) {
    const error = await rejects(
      () => githubRelease(REPOSITORY, { release: made, api }),
      'ERR_INVALID_ADDRESS',
    )
    assert.not.match(error.message, TOKEN)
  }
  for (const api of [
    'http://localhost:1/api/v3',
    'http://[::1]:1',
    'https://ghe.example.com/api/v3/',
  ])
    githubRelease(REPOSITORY, { release: made, api })
})

const acme = (host: string): object => ({ host, repository: 'acme/hello' })

test('parseRemote reads what git writes', () => {
  for (const [address, expected] of [
    ['https://github.com/acme/hello.git', acme('github.com')],
    ['https://github.com/acme/hello', acme('github.com')],
    ['https://x-access-token:secret@GitHub.com/acme/hello.git', acme('github.com')],
    ['git@github.com:acme/hello.git', acme('github.com')],
    ['ssh://git@ssh.ghe.example.com:2222/acme/hello.git', acme('ssh.ghe.example.com')],
    ['git://github.com/acme/hello.git/', acme('github.com')],
    ['https://gitlab.com/group/sub/hello.git', undefined],
    ['/srv/git/hello.git', undefined],
    ['../hello', undefined],
    ['file:///srv/acme/hello.git', undefined],
  ] as const)
    assert.equal(parseRemote(address), expected, address)
})

test.run()
