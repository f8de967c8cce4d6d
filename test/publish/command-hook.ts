import { createContext, type Exec } from '@waybill/core'
import { commandHook, planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDestination, createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder, pair, release } from '../helpers/release.ts'

const test = suite('commandHook')

async function ran(command: readonly [string, ...string[]]): Promise<readonly string[]> {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const lines: string[] = []
  const exec: Exec = (file, args) => {
    lines.push([file, ...args].join(' '))
    return Promise.resolve({ exitCode: 0, stdout: new Uint8Array(), stderr: '' })
  }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  await publish(plan, { content, to, lockFolder, exec, beforeRolling: commandHook(command) })
  return lines
}

const { digest } = createImage('a').content.subject

test('runs a program for every image, by digest', async () => {
  assert.equal(await ran(['cosign', 'sign', '--yes']), [
    `cosign sign --yes docker.io/acme/scim@${digest}`,
    `cosign sign --yes ghcr.io/acme/scim@${digest}`,
  ])
  assert.equal(
    (await ran(['sh', 'sign.sh', '--ref={image}', '-v']))[1],
    `sh sign.sh --ref=ghcr.io/acme/scim@${digest} -v`,
  )
})

test('a program that fails stops before any rolling name', async () => {
  const hub = createDestination('docker.io/acme/scim')
  const to = { hub }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  const beforeRolling = commandHook([
    process.execPath,
    '-e',
    'console.error("no key"); process.exit(3)',
  ])
  const error = await rejects(
    publish(plan, { content, to, lockFolder, beforeRolling }),
    'ERR_HOOK_FAILED',
  )
  assert.match(error.message, 'no key')
  assert.ok(hub.tags.has('1.0.0'))
  assert.not.ok(hub.tags.has('latest'))
})

test('no secret of a failing program is repeated, be it cut or not', async () => {
  const secret = 'correct-horse-battery-staple'
  for (const before of [0, 150, 200, 230, 260, 280]) {
    const env = { ...process.env, DEPLOY_TOKEN: secret, PIN_TOKEN: '4711' }
    const words = ['-e', 'console.error(process.env.DEPLOY_TOKEN); process.exit(3)', '--']
    const more = [
      'a'.repeat(before),
      secret,
      '4711',
      '--password',
      'short',
      'postgres://u:pw12@h/x',
    ]
    const said: string[] = []
    const keep = (line: string): void => void said.push(line)
    const logger = { debug: keep, info: keep, warn: keep, error: keep }
    const hook = commandHook([process.execPath, ...words, ...more])
    const published = { plan: {} as never, images: ['a@sha256:b'] }
    const error = await rejects(
      Promise.resolve(hook(published, createContext({ env, logger }))),
      'ERR_EXEC_FAILED',
    )
    const all = [error.message, error.hint, JSON.stringify(error.details), ...said].join('\n')
    for (const part of [secret.slice(0, 8), '4711', 'short', 'pw12']) assert.not.match(all, part)
  }
})

test('an unknown variable is refused', async () => {
  const hook = commandHook(['sign', '{image}', '{tag}'])
  const published = { plan: {} as never, images: ['a@sha256:b'] }
  await rejects(Promise.resolve(hook(published, createContext())), 'ERR_UNKNOWN_VARIABLE')
})

test.run()
