// The forge as a client sees it that knows nothing of Waybill, every request and answer held to GitHub's description.
import { spawnExec } from '@waybill/core'
import { startForge } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('startForge')
const closing = closingAfter(test)
const REPOSITORY = 'acme/scim'

interface Asked {
  readonly method?: string
  readonly json?: unknown
  readonly token?: string | null
  readonly body?: string
  readonly accept?: string
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

async function ask(url: string, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', json, token = 'writer', body, accept } = asked
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(accept === undefined ? {} : { accept }),
    },
    body: json === undefined ? (body ?? null) : JSON.stringify(json),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

const create = (api: string, json: object): Promise<Answer> =>
  ask(`${api}/repos/${REPOSITORY}/releases`, { method: 'POST', json })

const upload = ({ body }: Answer, name: string, content = name): Promise<Answer> => {
  const url = String(body.upload_url).replace(/\{.*/, '')
  return ask(`${url}?name=${encodeURIComponent(name)}`, { method: 'POST', body: content })
}

test('a draft is not found by its tag and seen by who may write alone; published, it has a tag', async () => {
  const tokens = { writer: { contents: 'write' }, reader: { contents: 'read' } } as const
  const { api } = await closing(startHeldForge({ tokens }))
  const releases = `${api}/repos/${REPOSITORY}/releases`
  const target = 'a'.repeat(40)
  const draft = await create(api, { tag_name: 'v1.0.0', target_commitish: target, draft: true })
  assert.is(draft.status, 201)
  assert.match(draft.body.html_url, '/releases/tag/untagged-')
  assert.is((await ask(`${releases}/tags/v1.0.0`)).status, 404)
  assert.is((await ask(releases)).body.length, 1)
  assert.is((await ask(releases, { token: 'reader' })).body.length, 0)
  assert.is((await ask(`${releases}/${draft.body.id}`, { token: null })).status, 404)
  assert.is((await ask(`${api}/repos/${REPOSITORY}/git/ref/tags/v1.0.0`)).status, 404)
  await ask(`${releases}/${draft.body.id}`, { method: 'PATCH', json: { draft: false } })
  assert.is((await ask(`${releases}/tags/v1.0.0`, { token: null })).body.id, draft.body.id)
  const ref = await ask(`${api}/repos/${REPOSITORY}/git/ref/tags/v1.0.0`)
  assert.is(ref.body.object.sha, target)
})

test('rights: who may not write is told so before anything else, who may not see is told of nothing', async () => {
  const tokens = { writer: { contents: 'write' }, reader: { contents: 'read' } } as const
  const repositories = { [REPOSITORY]: { private: true } }
  const { api } = await closing(startHeldForge({ tokens, repositories }))
  const repository = `${api}/repos/${REPOSITORY}`
  const write = { method: 'POST', json: { tag_name: 'v1.0.0' } }
  assert.is((await ask(repository, { token: null })).status, 404)
  assert.is((await ask(repository, { token: 'stranger' })).status, 401)
  assert.is((await ask(repository, { token: 'reader' })).body.permissions.push, false)
  assert.is((await ask(repository)).body.permissions.push, true)
  const denied = await ask(`${repository}/releases`, { ...write, token: 'reader' })
  assert.is(denied.status, 403)
  assert.is(denied.headers.get('x-accepted-github-permissions'), 'contents=write')
  assert.is((await ask(`${repository}/releases`, { ...write, token: null })).status, 404)
  assert.is((await ask(`${api}/repos/acme/other`)).status, 404)
})

test('files: open while they are uploaded, kept by name once, renamed where GitHub renames, read without a token', async () => {
  const forge = await closing(startHeldForge())
  const draft = await create(forge.api, { tag_name: 'v1.0.0', draft: true })
  const made = await upload(draft, 'a b+c~d.tar.gz', 'content')
  assert.equal(
    [made.status, made.body.name, made.body.state, made.body.size],
    [201, 'a.b+c.d.tar.gz', 'uploaded', 7],
  )
  assert.is(
    made.body.digest,
    'sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73',
  )
  const again = await upload(draft, 'a.b+c.d.tar.gz')
  assert.equal([again.status, again.body.errors[0].code], [422, 'already_exists'])
  const url = `${forge.api}/repos/${REPOSITORY}/releases/assets/${made.body.id}`
  const bytes = await ask(url, { accept: 'application/octet-stream' })
  const storage = bytes.headers.get('location')!
  assert.is(bytes.status, 302)
  assert.is(await (await fetch(storage)).text(), 'content')
  assert.is((await fetch(storage, { headers: { authorization: 'Bearer writer' } })).status, 400)
  assert.is((await ask(url, { method: 'DELETE' })).status, 204)
  assert.is((await ask(url)).status, 404)
})

test('an upload that breaks off leaves a file that is open', async () => {
  const forge = await closing(startHeldForge({ faults: 'sever@1:POST/assets' }))
  const draft = await create(forge.api, { tag_name: 'v1.0.0', draft: true })
  const end = await upload(draft, 'file').catch(() => 'broken')
  assert.is(end, 'broken')
  const { body } = await ask(String(draft.body.assets_url))
  assert.equal(
    [body[0].name, body[0].state, body[0].size, body[0].digest],
    ['file', 'open', 0, null],
  )
})

test('latest: as it was said, else of the newest commit; never a draft or a prerelease', async () => {
  let time = 1_000_000
  const { api } = await closing(startHeldForge({ now: () => (time += 1000) }))
  const latest = async (): Promise<unknown> =>
    (await ask(`${api}/repos/${REPOSITORY}/releases/latest`)).body.tag_name
  const silent = { make_latest: 'false' }
  assert.is((await ask(`${api}/repos/${REPOSITORY}/releases/latest`)).status, 404)
  const first = await create(api, { tag_name: 'v1.0.0', ...silent })
  assert.is(await latest(), 'v1.0.0')
  await create(api, { tag_name: 'v1.0.1', ...silent })
  assert.is(await latest(), 'v1.0.1', 'nobody said which')
  const say = (make_latest: string): Promise<Answer> =>
    ask(String(first.body.url), { method: 'PATCH', json: { make_latest } })
  await say('true')
  assert.is(await latest(), 'v1.0.0')
  await create(api, { tag_name: 'v1.0.2', ...silent })
  assert.is(await latest(), 'v1.0.0', 'it was said')
  await create(api, { tag_name: 'v2.0.0-rc.1', prerelease: true })
  assert.is(await latest(), 'v1.0.0')
  await say('legacy')
  assert.is(await latest(), 'v1.0.2')
  await create(api, { tag_name: 'v2.0.0' })
  assert.is(await latest(), 'v2.0.0', 'the default')
  const refused = await create(api, { tag_name: 'v3', draft: true, make_latest: 'true' })
  assert.is(refused.status, 422)
})

test('an immutable release keeps its files and its tag, even when it is deleted; title and latest can be changed', async () => {
  const repositories = { [REPOSITORY]: { immutableReleases: true } }
  const { api } = await closing(startHeldForge({ repositories }))
  const draft = await create(api, { tag_name: 'v1.0.0', draft: true })
  const file = await upload(draft, 'file')
  const patch = (json: object): Promise<Answer> =>
    ask(String(draft.body.url), { method: 'PATCH', json })
  assert.ok((await patch({ draft: false })).body.immutable)
  assert.match((await upload(draft, 'other')).body.message, 'immutable release')
  assert.is((await ask(String(file.body.url), { method: 'DELETE' })).status, 422)
  assert.is((await patch({ draft: true })).status, 422)
  assert.is((await patch({ tag_name: 'v2.0.0' })).status, 422)
  assert.is((await patch({ name: 'One', make_latest: 'legacy' })).body.name, 'One')
  assert.is((await ask(String(draft.body.url), { method: 'DELETE' })).status, 204)
  const again = await create(api, { tag_name: 'v1.0.0' })
  assert.match(again.body.errors[0].message, 'was used by an immutable release')
})

test('lists have pages, with links to the next and the last', async () => {
  const { api } = await closing(startHeldForge())
  for (let at = 0; at < 5; at++) await create(api, { tag_name: `v1.0.${at}` })
  const first = await ask(`${api}/repos/${REPOSITORY}/releases?per_page=2`)
  assert.is(first.body.length, 2)
  const next = /<([^>]*)>; rel="next"/.exec(first.headers.get('link')!)![1]!
  assert.is((await ask(next)).body.length, 2)
  const last = /<([^>]*)>; rel="last"/.exec(first.headers.get('link')!)![1]!
  const end = await ask(last)
  assert.equal([end.body.length, end.headers.get('link')], [1, null])
})

test('a quota: what comes beyond is refused until it is given anew', async () => {
  let time = 1_000_000
  const limit = { requests: 2, seconds: 60 }
  const { api } = await closing(startHeldForge({ limit, now: () => time }))
  const url = `${api}/repos/${REPOSITORY}`
  await ask(url)
  assert.is((await ask(url)).headers.get('x-ratelimit-remaining'), '0')
  const refused = await ask(url)
  assert.equal([refused.status, refused.headers.get('x-ratelimit-reset')], [403, '1060'])
  time += 60_000
  assert.is((await ask(url)).status, 200)
})

test('with a git repository beside it tags are real, annotated ones too, and commits must be there', async () => {
  const folder = temporaryFolder('forge-git')
  const git = async (...args: readonly string[]): Promise<string> => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org']
    const { stdout } = await spawnExec('git', ['-C', folder, ...who, ...args])
    return Buffer.from(stdout).toString().trim()
  }
  await git('init', '--quiet')
  await git('commit', '--quiet', '--allow-empty', '--message', 'one')
  await git('tag', '--annotate', '--message', 'one', 'v0.9.0')
  const head = await git('rev-parse', 'HEAD')
  const repositories = { [REPOSITORY]: { git: folder } }
  const { api } = await closing(startHeldForge({ repositories }))
  const repository = `${api}/repos/${REPOSITORY}`
  const ref = await ask(`${repository}/git/ref/tags/v0.9.0`)
  assert.is(ref.body.object.type, 'tag')
  const { body } = await ask(`${repository}/git/tags/${ref.body.object.sha}`)
  assert.is(body.object.sha, head)
  const nowhere = await create(api, { tag_name: 'v1.0.0', target_commitish: 'a'.repeat(40) })
  assert.equal([nowhere.status, nowhere.body.errors[0].field], [422, 'target_commitish'])
  await create(api, { tag_name: 'v1.0.0', target_commitish: head })
  assert.is(await git('rev-parse', 'v1.0.0'), head)
})

test('on disk: another one goes on from the same folder', async () => {
  const root = temporaryFolder('forge')
  const first = await startHeldForge({ root })
  const draft = await create(first.api, { tag_name: 'v1.0.0', draft: true })
  await upload(draft, 'file', 'content')
  await ask(String(draft.body.url), { method: 'PATCH', json: { draft: false } })
  await first.close()
  const { address } = await closing(startHeldForge({ root }))
  const web = `http://${address}/${REPOSITORY}/releases/download/v1.0.0/file`
  assert.is(await (await fetch(web)).text(), 'content')
})

test('the contract bites: an answer, a field and a query that GitHub does not describe are found', async () => {
  const strange = await startHeldForge({
    wrap: (next) => async (request) => {
      const reply = await next(request)
      if (request.method !== 'PATCH') return reply
      return { ...reply, body: Buffer.from('{"id":"one"}') }
    },
  })
  const draft = await create(strange.api, { tag_name: 'v1.0.0', draft: true, colour: 'red' })
  await ask(`${strange.api}/repos/${REPOSITORY}/releases?limit=3`)
  await ask(String(draft.body.url), { method: 'PATCH', json: {} })
  const error = await strange.close().then(
    () => new Error('nothing was found'),
    (found: Error) => found,
  )
  assert.match(error.message, 'unknown field colour')
  assert.match(error.message, 'unknown query limit')
  assert.match(error.message, '/id must be integer')
})

test('faults and the log are those of the registry', async () => {
  const forge = await closing(startForge({ faults: '503@1,429:2@2' }))
  const url = `${forge.api}/repos/${REPOSITORY}`
  const statuses = [await fetch(url), await fetch(url), await fetch(url)].map(
    ({ status }) => status,
  )
  assert.equal(statuses, [503, 429, 200])
  assert.equal(
    forge.requests.map(({ status }) => status),
    [503, 429, 200],
  )
})

test.run()
