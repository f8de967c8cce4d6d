import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  CACHE_LIMIT,
  cacheKeyFile,
  cacheName,
  openCache,
  type Cache,
  type CacheKind,
  type CacheQuestion,
} from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMachine } from '../helpers/damage-cache.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('the key of a cache')
const question: CacheQuestion = { kind: 'facts', recipe: 1, inputs: ['a'] }

const open = async (env: NodeJS.ProcessEnv): Promise<Cache> =>
  (await openCache(undefined, { env }))!

test('is made once, for this user alone, never beside the cache', async () => {
  const machine = createMachine()
  await (await open(machine.env)).remember(question, 'made')
  assert.is(lstatSync(machine.key).mode & 0o777, 0o600)
  assert.is(readFileSync(machine.key).length, 32)
  assert.is(lstatSync(machine.cache).mode & 0o777, 0o700)
  assert.is(cacheKeyFile(machine.env), machine.key)
  assert.is(await (await open(machine.env)).recall(question), 'made')
})

test('two first runs agree on one', async () => {
  const { env, key } = createMachine()
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(env)))
  for (const [at, cache] of opened.entries())
    await cache.remember({ ...question, inputs: at }, String(at))
  const later = await open(env)
  for (const at of opened.keys())
    assert.is(await later.recall({ ...question, inputs: at }), String(at))
  assert.equal(readdirSync(join(key, '..')), ['cache.key'])
})

test('processes agree on one too', async () => {
  const { env } = createMachine()
  const script = `import { openCache } from '@waybill/core'
    const cache = await openCache()
    await cache.remember({ kind: 'facts', recipe: 1, inputs: process.argv[1] }, 'made')`
  const run = (name: string): Promise<unknown> =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, name], { env })
  await Promise.all(['a', 'b', 'c', 'd'].map(run))
  const cache = await open(env)
  for (const inputs of ['a', 'b', 'c', 'd'])
    assert.is(await cache.recall({ kind: 'facts', recipe: 1, inputs }), 'made')
})

test('of WAYBILL_CACHE_KEY believes a restored cache, and no other value does', async () => {
  const [there, here] = [createMachine(), createMachine()]
  const secret = { WAYBILL_CACHE_KEY: 'a secret of this project\n' }
  const folder = { XDG_CACHE_HOME: join(there.cache, '..') }
  const first = await open({ ...there.env, ...secret })
  assert.is(first.isShared, true)
  await first.remember(question, 'made')
  assert.not.ok(existsSync(there.key))
  const restored = { ...here.env, ...folder }
  const same = { WAYBILL_CACHE_KEY: 'a secret of this project' }
  assert.is(await (await open({ ...restored, ...same })).recall(question), 'made')
  for (const value of [
    '',
    undefined,
    '   ',
    'another secret of theirs',
    'A secret of this project',
  ])
    assert.is(
      await (await open({ ...restored, WAYBILL_CACHE_KEY: value })).recall(question),
      undefined,
    )
})

test('a record answers one question only, whatever its kind and name', async () => {
  const { env } = createMachine()
  const cache = await open(env)
  await cache.remember(question, 'made')
  const kinds: readonly CacheKind[] = ['built', 'compilers', 'dist', 'indexes', 'layers', 'tools']
  for (const kind of kinds) assert.is(await cache.recall({ ...question, kind }), undefined)
  for (const inputs of [[], ['b'], 'a', ['a', 'a'], { 0: 'a' }, [['a']], null, '../../a'])
    assert.is(await cache.recall({ ...question, inputs }), undefined)
  for (const recipe of [2, '1', [1], null])
    assert.is(await cache.recall({ ...question, recipe }), undefined)
})

test('no question leads out of the folder', async () => {
  const { env, cache: folder } = createMachine()
  const cache = await open(env)
  for (const inputs of ['../../../x', '/etc/passwd', 'a\0b', '..\\x', 'x/../../y']) {
    assert.match(cacheName({ ...question, inputs }), /^[0-9a-f]{64}$/)
    await cache.remember({ ...question, inputs }, inputs)
    assert.is(await cache.recall({ ...question, inputs }), inputs)
  }
  assert.equal(readdirSync(folder), ['facts'])
  for (const path of ['..', '../x', '/', '/etc', '../waybill2'])
    assert.is(await cache.isOwn(path), false, path)
})

test('a link below the cache leads no pruning out of it, at whatever depth', async () => {
  for (const at of ['blobs', 'blobs/sha256', 'compile', 'blobs/sha256/deeper']) {
    const { env, cache: folder } = createMachine()
    const cache = await open(env)
    const outside = temporaryFolder('outside')
    for (const below of ['.', 'sha256', 'built', 'blobs']) {
      mkdirSync(join(outside, below), { recursive: true })
      const file = join(outside, below, 'old')
      writeFileSync(file, '')
      truncateSync(file, CACHE_LIMIT)
      utimesSync(file, 1_700_000_000, 1_700_000_000)
    }
    mkdirSync(join(folder, at, '..'), { recursive: true })
    symlinkSync(outside, join(folder, at))
    for (const name of ['blobs', 'built', '.', 'compile/built']) await cache.prune(name)
    await cache.within('compile').prune('built')
    for (const below of ['.', 'sha256', 'built', 'blobs'])
      assert.ok(existsSync(join(outside, below, 'old')), `${at} ${below}`)
  }
})

test('says that the old place is not used any more, once', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, '.waybill/cache'), { recursive: true })
  const said: string[] = []
  const note = (text: string): void => void said.push(text)
  const logger = { debug() {}, info: note, warn: note, error: note }
  const { env } = createMachine()
  await openCache(undefined, { cwd, env, logger })
  await openCache(undefined, { cwd, env, logger })
  assert.is(said.length, 1)
  assert.match(said[0]!, `${cwd}/.waybill/cache is not used any more`)
})

test('a folder below that others may write to is not its own', async () => {
  const { env, cache: folder } = createMachine()
  const cache = await open(env)
  mkdirSync(join(folder, 'compile/kept/x'), { recursive: true })
  assert.is(await cache.isOwn('compile/kept/x'), true)
  chmodSync(join(folder, 'compile/kept'), 0o777)
  assert.is(await cache.isOwn('compile/kept/x'), false)
})

test.run()
