// What a registry is asked first, with credentials and without.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination } from '@waybill/registry'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tokenServer } from '../helpers/token-server.ts'

const test = suite('the first request')

const namesOf = (address: string, env: Record<string, string>): Promise<readonly string[]> =>
  destination(`${address}/a/b`, { env }).names()

test('asks /v2/ first only with something to show; without, the first refusal says what is wanted', async () => {
  const server = await tokenServer(() => [200, { token: 'good' }])
  const paths = (): string[] => server.asked.map(({ url }) => url.split('?')[0]!)
  await namesOf(server.address, { HOME: temporaryFolder('home') })
  assert.equal(paths(), ['/v2/a/b/tags/list', '/token', '/v2/a/b/tags/list'])
  const auth = Buffer.from('me:hunter2').toString('base64')
  const config = JSON.stringify({ auths: { [server.address]: { auth } } })
  await namesOf(server.address, { DOCKER_AUTH_CONFIG: config })
  assert.equal(paths().slice(3), ['/v2/', '/token', '/v2/a/b/tags/list'])
  await server.close()
})

test.run()
