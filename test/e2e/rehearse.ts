// `npm run rehearse`, the whole release of the example: twice in one state, and in two settings that share nothing but the commit and the lock.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ROOT, run, type CliOptions, type CliResult } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { nodeOf } from '../helpers/nodes.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('rehearse')
const SCRIPT = join(ROOT, 'scripts/dist/rehearse.js')

interface Receipt {
  readonly subject: string
  readonly results: readonly {
    destination: string
    name: string
    kind: string
    digest: string
    outcome: string
  }[]
}

const rehearse = (state: string, options: CliOptions = {}): Promise<CliResult> =>
  run(options.node ?? process.execPath, [SCRIPT, '--state', state, '--json'], options)

const receiptOf = (result: CliResult): Receipt => {
  assert.is(result.code, 0, result.stderr + result.stdout)
  return result.json() as unknown as Receipt
}

/** Every file below a folder with its time and size: what a run that writes nothing leaves as it was. */
function snapshot(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.toSorted().map((file) => {
    const { mtimeMs, size, ino } = statSync(join(folder, file))
    return `${file} ${mtimeMs} ${size} ${ino}`
  })
}

const first = temporaryFolder('rehearse')

testWith(
  test,
  ['apt', 'zig'],
  'releases the example to two registries and the git remote; again, everything is unchanged and nothing is written',
  async () => {
    const receipt = receiptOf(await rehearse(first))
    const tags = receipt.results.filter(({ destination }) => destination.startsWith('127.0.0.1:'))
    assert.is(tags.length, 10)
    assert.equal([...new Set(tags.map(({ digest }) => digest))], [receipt.subject])
    assert.equal([...new Set(receipt.results.map(({ outcome }) => outcome))], ['applied'])
    assert.ok(readFileSync(join(first, 'report.html'), 'utf8').includes(receipt.subject))
    const before = snapshot(first)
    const again = receiptOf(await rehearse(first))
    assert.equal([...new Set(again.results.map(({ outcome }) => outcome))], ['unchanged'])
    assert.equal(snapshot(first), before)
  },
)

testWith(
  test,
  ['apt', 'zig', 'node-24'],
  'in another folder, time zone, locale, umask, under another user and on another Node: the same image digest and SHA256SUMS',
  async () => {
    const state = join(temporaryFolder('elsewhere'), 'a', 'deeper folder')
    mkdirSync(state, { recursive: true })
    copyFileSync(join(first, 'waybill.lock'), join(state, 'waybill.lock'))
    const node = sharedNode('24')
    const { command, uid } = anotherUser(node)
    for (const path of [
      join(state, '../..'),
      join(state, '..'),
      state,
      join(state, 'waybill.lock'),
    ]) {
      chownSync(path, uid, uid)
      chmodSync(path, path.endsWith('.lock') ? 0o644 : 0o755)
    }
    const words = `umask 077; exec '${node}' '${SCRIPT}' --state '${state}' --json`
    const env = {
      TZ: 'Pacific/Auckland',
      LC_ALL: 'tr_TR.UTF-8',
      LANG: 'tr_TR.UTF-8',
      HOME: state,
      TMPDIR: state,
      // Another user has caches of their own.
      XDG_CACHE_HOME: undefined,
      XDG_STATE_HOME: undefined,
      GOCACHE: undefined,
      ZIG_GLOBAL_CACHE_DIR: undefined,
    }
    const elsewhere = receiptOf(
      await run(command[0]!, [...command.slice(1), 'sh', '-c', words], { env }),
    )
    const here = JSON.parse(readFileSync(join(first, 'receipt.json'), 'utf8')) as Receipt
    assert.is(elsewhere.subject, here.subject)
    assert.is(
      readFileSync(join(state, 'dist/SHA256SUMS'), 'utf8'),
      readFileSync(join(first, 'dist/SHA256SUMS'), 'utf8'),
    )
  },
)

// Another user needs the right to become one, to run this Node and to read the checkout.
function anotherUser(node: string): { command: readonly string[]; uid: number } {
  const command = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const reading = `'${node}' -e 'require("fs").readFileSync("${SCRIPT}")'`
  const able =
    process.getuid?.() === 0 &&
    spawnSync('setpriv', [...command.slice(1), 'sh', '-c', reading]).status === 0
  if (able) return { command, uid: 65534 }
  console.log(
    'the user stays the same: becoming another one, or reading the checkout as one, is not allowed here',
  )
  return { command: ['env'], uid: process.getuid?.() ?? 0 }
}

// A copy that every user may run, wherever the other Node lines are kept.
function sharedNode(line: string): string {
  const folder = temporaryFolder('node')
  chmodSync(folder, 0o755)
  const node = join(folder, 'node')
  copyFileSync(nodeOf(line), node)
  chmodSync(node, 0o755)
  return node
}

test.run()
