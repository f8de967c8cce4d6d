// What runs is what was proved: whatever an image starts beside the proved file, or loads into it, is a finding, and with `strict` an error.
import { digestOf, type Content } from '@waybill/core'
import { assemble, assertRuns, checkIdentity, checkImageRuns, proveIdentity } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBase, file, release } from '../helpers/images.ts'
import { GOOD, PATH, out, released } from '../helpers/judged.ts'
import type { OddImage } from '../helpers/odd-images.ts'
import { errors } from '../helpers/released-hello.ts'
import { rejects } from '../helpers/rejects.ts'
import {
  INIT,
  PLAIN,
  base,
  check,
  codes,
  imageOf,
  link,
  text,
  type Config,
} from '../helpers/started.ts'

const test = suite('what an image runs')

test('the proved file by any name of its own is what was proved', async () => {
  const same: readonly Config[] = [
    PLAIN,
    { Cmd: [PATH] },
    { Entrypoint: [], Cmd: [PATH, '--port', '80'] },
    { Entrypoint: [PATH], Cmd: ['--port'] },
    { Entrypoint: ['hello'] },
    { Entrypoint: ['hello'], Env: ['PATH=/bin'] },
    { Entrypoint: ['hello'], Env: ['PATH=/nowhere:/usr/local/bin:/usr/bin'] },
    { Entrypoint: ['./hello'], WorkingDir: '/usr/bin' },
    { Entrypoint: ['bin/hello'], WorkingDir: '/usr' },
    { Entrypoint: ['../bin/hello'], WorkingDir: '/usr/local' },
    { Entrypoint: ['/bin/hello'] },
    { Entrypoint: ['/usr/bin/alias'] },
    { Entrypoint: ['/alias'] },
    { Entrypoint: ['/usr/local/../bin//hello'] },
    {},
    { ...PLAIN, Healthcheck: { Test: ['NONE'] } },
    { ...PLAIN, Healthcheck: { Test: [] } },
    { ...PLAIN, Healthcheck: { Test: ['CMD', PATH, '--health'] } },
    { ...PLAIN, Healthcheck: { Test: ['CMD', 'hello'] } },
    { ...PLAIN, Env: ['LD_PRELOAD=', 'HOME=/', 'LDFLAGS=x'] },
    { ...PLAIN, Env: ['LD_PRELOAD=/x.so', 'LD_PRELOAD='] },
    { ...PLAIN, OnBuild: [] },
  ]
  for (const config of same)
    assert.is(codes(await check(imageOf(config), { strict: true })), '', JSON.stringify(config))
})

const FOUND: readonly (readonly [string, Config])[] = [
  ['entrypoint-differs', { Entrypoint: ['/usr/bin/other'] }],
  ['entrypoint-differs', { Entrypoint: [], Cmd: ['/usr/bin/other'] }],
  ['entrypoint-differs', { Cmd: ['other'] }],
  ['entrypoint-differs', { Entrypoint: ['/evil'] }],
  ['entrypoint-differs', { Entrypoint: ['./other'], WorkingDir: '/usr/bin' }],
  ['entrypoint-differs', { Entrypoint: ['hello'], Env: ['PATH=/nowhere'] }],
  ['entrypoint-differs', { Entrypoint: ['data'] }],
  ['entrypoint-differs', { Entrypoint: ['/usr/bin/Hello'] }],
  ['entrypoint-differs', { Entrypoint: [''], Cmd: [PATH] }],
  ['entrypoint-differs', { Entrypoint: [` ${PATH}`] }],
  ['entrypoint-differs', { Entrypoint: ['/entry.sh'] }],
  ['shell-between', { Entrypoint: ['/usr/bin/sh', '-c', 'evil'] }],
  ['shell-between', { Entrypoint: ['sh', '-c', `exec ${PATH}`] }],
  ['shell-between', { Entrypoint: ['/bin/sh', '-c', PATH] }],
  ['shell-between', { Entrypoint: ['/init', PATH] }],
  ['shell-between', { Entrypoint: ['/init'], Cmd: ['--', PATH] }],
  ['shell-between', { Entrypoint: ['/entry.sh', PATH] }],
  ['shell-between', { Entrypoint: ['/usr/bin/other', PATH] }],
  ['preload', { ...PLAIN, Env: ['LD_PRELOAD=/lib/x.so'] }],
  ['preload', { ...PLAIN, Env: ['LD_LIBRARY_PATH=/opt'] }],
  ['preload', { ...PLAIN, Env: ['LD_AUDIT=/opt/a.so'] }],
  ['preload', { ...PLAIN, Env: ['LD_PRELOAD=', 'LD_PRELOAD=/lib/x.so'] }],
  ['preload', { ...PLAIN, Env: ['NODE_OPTIONS=--require /x.js'] }],
  ['preload', { ...PLAIN, Env: ['JAVA_TOOL_OPTIONS=-javaagent:/x.jar'] }],
  ['preload', { ...PLAIN, Env: ['PYTHONPATH=/opt'] }],
  ['preload', { ...PLAIN, Env: ['GLIBC_TUNABLES=glibc.x=1'] }],
  ['healthcheck-differs', { ...PLAIN, Healthcheck: { Test: ['CMD', '/usr/bin/other'] } }],
  ['healthcheck-differs', { ...PLAIN, Healthcheck: { Test: ['CMD-SHELL', `${PATH} --health`] } }],
  ['healthcheck-differs', { ...PLAIN, Healthcheck: { Test: ['CMD', 'curl', 'localhost'] } }],
  ['healthcheck-differs', { ...PLAIN, Healthcheck: { Test: ['RUN', PATH] } }],
  ['healthcheck-differs', { ...PLAIN, Healthcheck: { Test: 'curl localhost' } }],
  ['onbuild', { ...PLAIN, OnBuild: ['RUN /evil'] }],
]

test('whatever else it starts or loads is a warning, and an error with strict', async () => {
  for (const [code, config] of FOUND) {
    const what = JSON.stringify(config)
    const content = imageOf(config)
    const plain = await check(content)
    assert.is(codes(plain), `${code}?`, what)
    assert.ok(plain.ok, what)
    const strict = await check(content, { strict: true })
    assert.is(codes(strict), code, what)
    assert.is(strict.checked.length, 1, what)
    await rejects(
      proveIdentity(await content, released, { out, path: PATH, strict: true }),
      'ERR_RUNS_OTHER',
    )
    await proveIdentity(await content, released, { out, path: PATH })
  }
})

const said = async (config: Config): Promise<string> =>
  (await check(imageOf(config))).findings[0]!.message

test('the messages say what runs', async () => {
  assert.match(
    await said({ Entrypoint: ['/entry.sh', PATH] }),
    '/entry.sh, a script that /bin/sh reads',
  )
  assert.match(
    await said({ Entrypoint: ['sh', '-c', 'evil'] }),
    'starts /usr/bin/sh, not /usr/bin/hello',
  )
  assert.match(
    await said({ ...PLAIN, Env: ['LD_PRELOAD=/x.so'] }),
    'LD_PRELOAD=/x.so loads other code',
  )
})

test('a list for the loader is found in whatever layer, by whatever name, and not where it is gone or empty', async () => {
  const list = text('etc/ld.so.preload', '/lib/x.so\n')
  const [binary, wh] = [[file(GOOD)], text('etc/.wh.ld.so.preload', '')]
  const found: readonly OddImage['layers'][] = [
    [[...base, list], binary],
    [base, [file(GOOD), list]],
    [base, binary, [list]],
    [base, [list], binary],
    [[...base, list, text('etc/x', 'x')], binary, [text('etc/y', 'y')]],
    [base, binary, [link('etc/ld.so.preload', '/opt/list'), text('opt/list', '/x.so')]],
    [base, binary, [{ path: 'etc/ld.so.preload', type: 'hardlink', linkname: 'usr/bin/data' }]],
    [base, binary, [text('cfg/ld.so.preload', '/x.so')], [link('etc', 'cfg')]],
    [base, [list], binary, [wh], [list]],
  ]
  for (const [at, layers] of found.entries()) {
    const content = imageOf(PLAIN, layers)
    assert.is(codes(await check(content)), 'preload?', String(at))
    assert.is(codes(await check(content, { strict: true })), 'preload', String(at))
  }
  const gone: readonly OddImage['layers'][] = [
    [[...base, list], binary, [wh]],
    [
      [...base, list],
      [text('etc/.wh..wh..opq', ''), ...binary],
    ],
    [[...base, text('etc/ld.so.preload', '')], binary],
    [[...base, text('opt/ld.so.preload', 'x')], binary],
    [[...base, text('etc/ld.so.preload.d', 'x')], binary],
  ]
  for (const [at, layers] of gone.entries())
    assert.is(codes(await check(imageOf(PLAIN, layers), { strict: true })), '', String(at))
})

test('layers that a registry holds are not read for it, which a note says; with strict they are', async () => {
  const list = text('etc/ld.so.preload', '/lib/x.so\n')
  const content = await imageOf(PLAIN, [[...base, list], [file(GOOD)]])
  const read: string[] = []
  const remote: Content = {
    ...content,
    blobs: content.blobs.map((blob) => ({ ...blob, origins: ['registry.example/hello'] })),
    read(descriptor) {
      if (descriptor.mediaType.includes('layer')) read.push(descriptor.digest)
      return content.read(descriptor)
    },
  }
  assert.is(codes(await check(Promise.resolve(remote))), 'layers-not-read?')
  assert.is(read.length, 1)
  assert.is(codes(await check(Promise.resolve(remote), { strict: true })), 'preload')
})

test('an image that was assembled here says it without reading its layers', async () => {
  const list = text('etc/ld.so.preload', '/lib/x.so\n')
  const below = await createBase([
    {
      platform: 'linux/amd64',
      layers: [[...base, list]],
      config: {
        Env: ['LD_LIBRARY_PATH=/opt'],
        Healthcheck: { Test: ['CMD', '/usr/bin/other'] },
        OnBuild: ['RUN x'],
      },
    },
  ])
  const made = await assemble(release, released, { out, base: below, path: PATH })
  const report = await checkImageRuns(made.content, { path: PATH })
  assert.is(codes(report), 'preload? preload? healthcheck-differs?')
  assertRuns(report)
  assert.is(codes(await checkIdentity(made, released, { out })), codes(report))
  const strict = await checkImageRuns(made.content, { path: PATH, strict: true })
  assert.is(codes(strict), 'preload preload healthcheck-differs')
  await rejects(() => assertRuns(strict), 'ERR_RUNS_OTHER')
})

test('the proved path is what starts: a bare word is looked up, accepted programs are passed', async () => {
  const through = [{ path: '/init', digest: digestOf(INIT) }]
  const starts: readonly Config[] = [
    { Entrypoint: ['hello'] },
    { Cmd: ['hello', '-v'] },
    { Entrypoint: ['./hello'], WorkingDir: '/usr/bin' },
    { Entrypoint: ['/init', '--', PATH] },
    { Entrypoint: ['/init', 'hello'] },
  ]
  for (const config of starts) {
    const report = await checkIdentity(await imageOf(config), released, {
      out,
      through,
      strict: true,
    })
    assert.equal(errors(report), [], JSON.stringify(config))
    assert.equal(
      report.checked.map(({ path }) => path),
      [PATH],
    )
  }
  const evil = imageOf({ Entrypoint: ['other'] })
  assert.equal(errors(await checkIdentity(await evil, released, { out })), ['not-identical'])
  for (const config of [
    {},
    { Entrypoint: ['nobody'] },
    { Entrypoint: ['/init'] },
    { Entrypoint: [''] },
  ])
    await rejects(checkIdentity(await imageOf(config), released, { out, through }), 'ERR_NO_PATH')
})

test.run()
