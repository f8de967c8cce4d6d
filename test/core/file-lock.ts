import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withFileLocks } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('withFileLocks')
const folder = temporaryFolder('locks')
const core = pathToFileURL(join(import.meta.dirname, '../../../tools/core/dist/index.js')).href
const options = { folder, purpose: 'testing', signal: new AbortController().signal }

/** Starts a process that takes a lock, says so and keeps it until it is told to go on or is killed. */
async function holder(name: string): Promise<ChildProcess> {
  const script = `
    import { withFileLocks } from '${core}'
    const signal = new AbortController().signal
    await withFileLocks(['${name}'], { folder: '${folder}', purpose: 'holding', signal }, async () => {
      console.log('held')
      await new Promise((done) => process.stdin.once('data', done))
    })
    process.stdin.destroy()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  return child
}

const nothing = (): Promise<void> => Promise.resolve()

test('keeps work with the same name apart, and lets other names go on', async () => {
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside)
    await new Promise((done) => setTimeout(done, 5))
    inside--
  }
  await Promise.all([1, 2, 3, 4].map(() => withFileLocks(['same'], options, work)))
  assert.is(most, 1)
  await withFileLocks(['one'], options, () => withFileLocks(['other'], options, work))
})

test('never waits in a circle, and leaves nothing behind', async () => {
  await Promise.all([
    withFileLocks(['a', 'b'], options, nothing),
    withFileLocks(['b', 'a'], options, nothing),
    withFileLocks(['b', 'a', 'a'], options, nothing),
  ])
  assert.equal(readdirSync(folder), [])
})

test('names the holder when it does not go', async () => {
  const child = await holder('busy')
  const waited: string[] = []
  const error = await rejects(
    withFileLocks(
      ['busy'],
      { ...options, wait: 100, onWait: ({ pid, purpose }) => waited.push(`${pid} ${purpose}`) },
      () => Promise.resolve(),
    ),
    'ERR_LOCKED',
  )
  assert.is(error.details['pid'], child.pid)
  assert.is(error.outcome, 'unknown')
  assert.equal(waited, [`${child.pid} holding`])
  child.stdin!.write('go on')
  await once(child, 'exit')
  assert.is(await withFileLocks(['busy'], options, () => Promise.resolve(1)), 1)
})

test('takes over at once from a process that was killed, even before its parent has noticed', async () => {
  const child = await holder('killed')
  child.kill('SIGKILL')
  const state = (): string => readFileSync(`/proc/${child.pid}/stat`, 'utf8')
  // Until this process waits for it, the killed one is still listed.
  while (existsSync(`/proc/${child.pid}`) && !/\) Z /.test(state())) continue
  assert.is(await withFileLocks(['killed'], { ...options, wait: 0 }, () => Promise.resolve(1)), 1)
})

test('a process with the number of one that is gone is not taken for it', async () => {
  await withFileLocks(['reused'], options, () => {
    const [name] = readdirSync(folder)
    const [file] = readdirSync(join(folder, name!))
    // The same number, started at another time.
    const other = file!.replace(/^(\d+)-(\d+)/, (_all, pid, start) => `${pid}-${Number(start) - 1}`)
    writeFileSync(join(folder, name!, other), '{}')
    return Promise.resolve()
  })
  assert.is(await withFileLocks(['reused'], { ...options, wait: 0 }, () => Promise.resolve(1)), 1)
})

test('a cancelled wait leaves no claim', async () => {
  const child = await holder('cancelled')
  const signal = AbortSignal.timeout(100)
  await rejects(
    withFileLocks(['cancelled'], { ...options, signal }, () => Promise.resolve()),
    'ERR_CANCELLED',
  )
  const claims = readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)))
  assert.is(claims.length, 1)
  child.stdin!.write('go on')
  await once(child, 'exit')
})

test('the default place is this user’s own, or refused with what to do', async () => {
  const before = process.env['TMPDIR']
  const tmp = temporaryFolder('tmp')
  process.env['TMPDIR'] = tmp
  const { signal } = options
  const lock = (): Promise<void> => withFileLocks(['one'], { purpose: 'testing', signal }, nothing)
  try {
    await lock()
    const [place = ''] = readdirSync(tmp)
    assert.match(place, 'waybill-locks-')
    if (process.getuid?.() === 0) {
      chownSync(join(tmp, place), 12_345, 12_345)
      const error = await rejects(lock(), 'ERR_NOT_WRITABLE')
      assert.match(error.message, 'belongs to user 12345')
      assert.match(error.hint!, 'TMPDIR')
    }
    rmSync(join(tmp, place), { recursive: true })
    writeFileSync(join(tmp, place), 'a file')
    assert.match((await rejects(lock(), 'ERR_NOT_WRITABLE')).message, place)
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
})

test.run()
