// What a registry, a token server, a credential helper or a forge answers is read as every program reads it, or refused; no secret gets into the error.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { githubRelease } from '@waybill/forge'
import { destination, repository } from '@waybill/registry'
import { release } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tokenServer } from '../helpers/token-server.ts'

const test = suite('ambiguous answers')
const homes = temporaryFolder('answers')
const home = (): string => mkdtempSync(join(homes, 'home-'))
const DIGEST = `sha256:${'a'.repeat(64)}` as const
const SECRET = 's3cr3t'

async function serve(
  answer: (request: IncomingMessage, reply: ServerResponse) => void,
): Promise<{ readonly address: string; close(): void }> {
  const server = createServer(answer)
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, close: () => server.close() }
}

const says =
  (text: string, type = 'application/json', status = 200) =>
  (_: unknown, reply: ServerResponse): unknown =>
    reply.writeHead(status, { 'content-type': type }).end(text)

for (const text of [
  '{"tags":["1.0.0"],"Tags":["2.0.0"]}',
  '{"Tags":["1.0.0"]}',
  '{"tags":["1.0.0"],"tags":[]}',
  '{"tag\u017f":[],"tags":["1.0.0"]}',
  '{"name":"a/b","NAME":"c","tags":[]}',
])
  test(`a list of tags: ${text}`, async () => {
    const { address, close } = await serve(says(text))
    const error = await rejects(
      destination(`${address}/a/b`, { env: { HOME: home() } }).names(),
      'ERR_AMBIGUOUS_JSON',
    )
    assert.match(error.message, /The tags of/)
    close()
  })

const INDEX = 'application/vnd.oci.image.index.v1+json'

for (const text of [
  '{"schemaVersion":2,"manifests":[],"Manifests":[]}',
  '{"schemaVersion":2,"schemaversion":1,"manifests":[]}',
  `{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"${DIGEST}","Digest":"x","size":1}]}`,
])
  test(`a list of referrers: ${text}`, async () => {
    const { address, close } = await serve(says(text, INDEX))
    const opened = await repository(`${address}/a/b`, { env: { HOME: home() } })
    await rejects(opened.referrers(DIGEST), 'ERR_AMBIGUOUS_JSON')
    close()
  })

for (const [what, answer] of [
  ['token and Token', { token: SECRET, Token: SECRET }],
  ['Access_Token alone', { Access_Token: SECRET }],
  ['expires_in twice', { token: SECRET, expires_in: 1, EXPIRES_IN: 2 }],
] as const)
  test(`a token: ${what}`, async () => {
    const server = await tokenServer(() => [200, answer])
    const error = await rejects(
      destination(`${server.address}/a/b`, { env: { HOME: home() } }).names(),
      'ERR_AMBIGUOUS_JSON',
    )
    assert.not.match(`${error.message}${JSON.stringify(error.details)}`, SECRET)
    await server.close()
  })

for (const text of [
  `{"Username":"me","username":"you","Secret":"${SECRET}"}`,
  `{"Username":"me","Secret":"${SECRET}","Secret":"x"}`,
  `{"username":"me","Secret":"${SECRET}"}`,
])
  test(`a credential helper: ${text.replace(SECRET, '…')}`, async () => {
    const folder = home()
    const helper = join(folder, 'docker-credential-test')
    writeFileSync(helper, `#!/bin/sh\ncat >/dev/null\necho '${text}'\n`)
    chmodSync(helper, 0o755)
    mkdirSync(join(folder, '.docker'))
    writeFileSync(join(folder, '.docker/config.json'), '{"credsStore":"test"}')
    const { address, close } = await serve((_, reply) =>
      reply.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    )
    const env = { HOME: folder, PATH: `${folder}:${process.env['PATH']}` }
    const error = await rejects(
      destination(`${address}/a/b`, { env }).names(),
      'ERR_AMBIGUOUS_JSON',
    )
    assert.not.match(`${error.message}${JSON.stringify(error.details)}`, SECRET)
    close()
  })

test('reasons that say two things are no reasons; the status counts', async () => {
  const text = '{"errors":[{"code":"DENIED","Code":"TOOMANYREQUESTS","message":"x"}]}'
  const { address, close } = await serve(says(text, 'application/json', 403))
  const error = await rejects(
    destination(`${address}/a/b`, { env: { HOME: home() } }).names(),
    'ERR_UNKNOWN_STATE',
  )
  assert.match(error.message, /answered 403/)
  assert.not.match(error.message, /TOOMANY|DENIED/)
  close()
})

test('a forge’s answer', async () => {
  const { address, close } = await serve(
    says('{"full_name":"a/b","Full_Name":"a/c","permissions":{"push":true}}'),
  )
  const forge = githubRelease('a/b', { release, token: SECRET, api: `http://${address}` })
  const error = await rejects(forge.preflight(), 'ERR_AMBIGUOUS_JSON')
  assert.not.match(error.message, SECRET)
  close()
})

test.run()
