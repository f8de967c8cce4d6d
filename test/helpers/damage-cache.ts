// Everything that can be wrong with a cache: what is made beside it must be the same bytes each time, without a failure.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Logger } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { temporaryFolder } from './temporary.ts'

/** A machine's places, and what was said on it. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logger: Logger
  readonly said: string[]
  /** The cache's folder. */
  readonly cache: string
  readonly key: string
}

/** A machine with an empty home. */
export function createMachine(home: string = temporaryFolder('home')): Machine {
  const said: string[] = []
  const note = (message: string): void => void said.push(message)
  return {
    env: {
      ...process.env,
      HOME: home,
      XDG_CACHE_HOME: undefined,
      XDG_STATE_HOME: undefined,
      WAYBILL_CACHE_KEY: undefined,
    },
    logger: { debug() {}, info() {}, warn: note, error: note },
    said,
    cache: join(home, '.cache/waybill'),
    key: join(home, '.local/state/waybill/cache.key'),
  }
}

const isRoot = process.getuid?.() === 0

const filesOf = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).flatMap((name) => {
    const path = join(folder, name)
    return lstatSync(path).isDirectory() ? filesOf(path) : [path]
  })

const recordsOf = ({ cache }: Machine): string[] =>
  filesOf(cache).filter((path) => path.endsWith('.json'))
const blobsOf = ({ cache }: Machine): string[] =>
  filesOf(cache).filter((path) => !path.endsWith('.json') && !path.includes('/kept/'))

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  writeFileSync(path, bytes)
}

const bodyOf = (path: string): string => readFileSync(path, 'utf8').slice(84, -1)

const replace = (path: string, make: (path: string) => void): void => {
  rmSync(path, { recursive: true, force: true })
  make(path)
}

const otherThings: Readonly<Record<string, (path: string) => void>> = {
  'a link to /etc/passwd': (path) => symlinkSync('/etc/passwd', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(path),
  nothing: () => {},
}

type Damage = (machine: Machine, foreign: Machine) => void

/** What may be wrong with a cache that a machine has filled, and with its key; `foreign` is another machine's, which made something else. */
export const damages: Readonly<Record<string, Damage>> = {
  'a flipped byte at the start of every blob': (m) => blobsOf(m).forEach((path) => flip(path, 40)),
  'a flipped byte at the end of every blob': (m) => blobsOf(m).forEach((path) => flip(path, -9)),
  'every blob cut short': (m) => blobsOf(m).forEach((path) => truncateSync(path, 5)),
  'every blob empty': (m) => blobsOf(m).forEach((path) => truncateSync(path, 0)),
  'every blob longer': (m) =>
    blobsOf(m).forEach((path) => writeFileSync(path, readFileSync(path) + 'x')),
  'a flipped byte in every MAC': (m) => recordsOf(m).forEach((path) => flip(path, 20)),
  'a flipped byte in every record': (m) => recordsOf(m).forEach((path) => flip(path, -5)),
  'every record cut short': (m) => recordsOf(m).forEach((path) => truncateSync(path, 90)),
  'records without a MAC': (m) => recordsOf(m).forEach((path) => writeFileSync(path, bodyOf(path))),
  'records with a plain checksum': (m) =>
    recordsOf(m).forEach((path) => {
      const sum = createHash('sha256').update(bodyOf(path)).digest('hex')
      writeFileSync(path, `{"mac":"${sum}","record":${bodyOf(path)}}`)
    }),
  'records with an empty MAC': (m) =>
    recordsOf(m).forEach((path) => writeFileSync(path, `{"mac":"","record":${bodyOf(path)}}`)),
  'the MAC of before over another body': (m) =>
    recordsOf(m).forEach((path) =>
      writeFileSync(
        path,
        readFileSync(path, 'utf8')
          .replaceAll(/sha256:[0-9a-f]/g, 'sha256:0')
          .replaceAll('":1', '":2'),
      ),
    ),
  'every record under the name of another': (m) => {
    const records = recordsOf(m)
    const texts = records.map((path) => readFileSync(path))
    records.forEach((path, at) => writeFileSync(path, texts[(at + 1) % texts.length]!))
  },
  'every record in the folders of other kinds': (m) => {
    for (const path of recordsOf(m))
      for (const other of recordsOf(m)) copyFileSync(path, join(dirname(other), basename(path)))
  },
  'the whole cache of another machine': (m, foreign) => {
    rmSync(m.cache, { recursive: true })
    cpSync(foreign.cache, m.cache, { recursive: true })
  },
  "another machine's records and blobs under the names of these": (m, foreign) => {
    const [records, theirs] = [recordsOf(m), recordsOf(foreign)]
    records.forEach((path, at) => copyFileSync(theirs[at % theirs.length]!, path))
    const [blobs, evil] = [blobsOf(m), blobsOf(foreign)]
    if (evil.length > 0) blobs.forEach((path, at) => copyFileSync(evil[at % evil.length]!, path))
  },
  'a cache that others may write to': (m) => chmodSync(m.cache, 0o777),
  'a cache that the group may write to': (m) => chmodSync(m.cache, 0o775),
  'a cache that is a file': (m) => replace(m.cache, (path) => writeFileSync(path, '')),
  'a cache that is a pipe': (m) => replace(m.cache, (path) => execFileSync('mkfifo', [path])),
  'a cache that is a dangling link': (m) =>
    replace(m.cache, (path) => symlinkSync('/proc/nowhere/x', path)),
  'the key lost': (m) => rmSync(m.key),
  'the key cut short': (m) => truncateSync(m.key, 7),
  'the key empty': (m) => truncateSync(m.key, 0),
  'the key too long': (m) => writeFileSync(m.key, randomBytes(64)),
  'the key another one': (m) => writeFileSync(m.key, randomBytes(32)),
  'the key readable by others': (m) => chmodSync(m.key, 0o644),
  "the key's folder open to others": (m) => chmodSync(dirname(m.key), 0o777),
  'the key a folder': (m) => replace(m.key, (path) => mkdirSync(path)),
  'the key a pipe': (m) => replace(m.key, (path) => execFileSync('mkfifo', [path])),
  'the key a link to a known file': (m) =>
    replace(m.key, (path) => symlinkSync('/etc/passwd', path)),
  ...Object.fromEntries(
    Object.entries(otherThings).flatMap(([name, make]): [string, Damage][] => [
      [`${name} for every record`, (m) => recordsOf(m).forEach((path) => replace(path, make))],
      [`${name} for every blob`, (m) => blobsOf(m).forEach((path) => replace(path, make))],
    ]),
  ),
  ...(isRoot
    ? {
        'a cache of another user': (m: Machine) => chownSync(m.cache, 1234, 1234),
        'the key of another user': (m: Machine) => chownSync(m.key, 1234, 1234),
      }
    : {}),
}

/** What a machine makes with its cache. */
export interface Subject {
  readonly name: string
  /** Makes it and resolves to its digest. `other`: something else of the same kind. */
  make(machine: Machine, other?: boolean): Promise<string>
}

/** Adds and runs the tests of a subject over every damage. */
export function testDamages({ name, make }: Subject): void {
  const test = suite(`${name} with a cache that`)
  let expected = ''
  let other = ''
  test('gives one thing or another', async () => {
    ;[expected, other] = [await make(createMachine()), await make(createMachine(), true)]
    assert.not.equal(expected, other)
  })
  for (const [what, damage] of Object.entries(damages))
    test(`has ${what}`, async () => {
      const [machine, foreign] = [createMachine(), createMachine()]
      await make(machine)
      await make(machine, true)
      await make(foreign, true)
      assert.equal(machine.said, [])
      assert.ok(recordsOf(machine).length > 1)
      damage(machine, foreign)
      const again = { ...machine, ...createMachine(dirname(dirname(machine.cache))) }
      assert.is(await make(again), expected)
      assert.ok(again.said.length <= 1, again.said.join('\n'))
      assert.is(await make(again, true), other)
    })
  for (const [what, variables] of Object.entries(nowhere))
    test(`has no place: ${what}`, async () => {
      const machine = createMachine()
      const said = { ...machine, env: { ...machine.env, ...variables } }
      assert.is(await make(said), expected)
      assert.is(machine.said.length, 1, machine.said.join('\n'))
    })
  if (isRoot)
    for (const [what, option] of [
      ['is full', 'size=32k'],
      ['is read-only', 'ro'],
    ])
      test(what!, async () => {
        const machine = createMachine()
        await make(machine, true)
        rmSync(machine.cache, { recursive: true })
        mkdirSync(machine.cache, { mode: 0o700 })
        execFileSync('mount', ['-t', 'tmpfs', '-o', `${option},mode=700`, 'tmpfs', machine.cache])
        try {
          if (option !== 'ro')
            execFileSync('sh', ['-c', `cat /dev/zero >${machine.cache}/x || :`], {
              stdio: 'ignore',
            })
          const again = { ...machine, ...createMachine(dirname(dirname(machine.cache))) }
          assert.is(await make(again), expected)
          assert.is(again.said.length, 1, again.said.join('\n'))
        } finally {
          execFileSync('umount', [machine.cache])
        }
      })
  test.run()
}

const nowhere: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  'no HOME': { HOME: undefined },
  'an empty HOME': { HOME: '' },
  'a HOME that cannot be written': { HOME: '/proc/1/x' },
  'a relative HOME': { HOME: 'home' },
  'a cache folder that cannot be made': { XDG_CACHE_HOME: '/proc/1/x' },
  'a state folder that cannot be made': { XDG_STATE_HOME: '/proc/1/x' },
  'a key that is too short': { WAYBILL_CACHE_KEY: 'short' },
}
