import { spawn, spawnSync, type SpawnSyncOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Component } from '@waybill/core'
import { decide, readAllCommits, simulate } from '@waybill/gate'
import { median } from '../bench-pairs.ts'
import { measureParsing } from './gate/parsing.ts'
import { createRandom } from './gate/random.ts'

const COMMITS = 100_000
const PACKAGES = 50
const RUNS = 7
const TYPES = ['feat', 'fix', 'chore', 'docs', 'ci', 'refactor', 'test', 'build']
const FORMAT = '--format=tformat:%x00%H%x00%P%x00%ct%x00%B%x00'
const HISTORY = resolve(import.meta.dirname, '../../../../shared/histories/release-please.bundle')

/** Deciding over 100,000 commits and 50 packages against `git log --name-only` alone (at most 1.3 times, under 250 MB), parsing, and a replay. */
export async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-gate-'))
  try {
    await makeRepository(folder)
    compareDeciding(folder)
    comparePeers(folder)
    measureParsing()
    await measureReplay(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Decided {
  readonly elapsed: number
  readonly cpu: number
  readonly rss: number
}

/** The inner part, run in a process of its own so that its memory is its own. */
async function decideAll(cwd: string): Promise<void> {
  const components = Array.from({ length: PACKAGES }, (_, n): Component => {
    return { name: `pkg${n}`, path: `packages/pkg${n}`, tag: '{name}-v{version}' }
  })
  const used = process.cpuUsage()
  const started = performance.now()
  const decisions = (await readAllCommits(components, { cwd })).map((range) => decide(range))
  const elapsed = performance.now() - started
  const verdicts = decisions.reduce((sum, decision) => sum + decision.commits.length, 0)
  if (verdicts < COMMITS) throw new Error(`only ${verdicts} verdicts on ${COMMITS} commits`)
  const { user, system } = process.cpuUsage(used)
  const rss = process.resourceUsage().maxRSS / 1024
  console.log(JSON.stringify({ elapsed, cpu: (user + system) / 1000, rss } satisfies Decided))
}

// Load on the machine comes and goes, so the two are run in turn and each pair gives a ratio.
function compareDeciding(cwd: string): void {
  const pairs = Array.from({ length: RUNS }, () => {
    const git = timeGit(cwd)
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), cwd], {
      encoding: 'utf8',
    })
    return { git, ...(JSON.parse(stdout) as Decided) }
  })
  const of = (value: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(value))
  const ratio = of(({ elapsed, git }) => elapsed / git).toFixed(2)
  const rss = Math.max(...pairs.map((pair) => pair.rss))
  console.log(`${COMMITS} commits, ${PACKAGES} packages, medians of ${RUNS} pairs`)
  line(
    'git log --name-only',
    of(({ git }) => git),
  )
  line(
    'readAllCommits + decide',
    of(({ elapsed }) => elapsed),
    `${ratio} x git log (at most 1.3), ${of(({ cpu }) => cpu).toFixed(0)} ms of CPU and ${rss.toFixed(0)} MB (at most 250) in our own process`,
  )
}

// Peers are no dependencies of ours: they are measured where a folder of an npm project that holds them is named.
function comparePeers(cwd: string): void {
  const folder = process.env['WAYBILL_BENCH_PEERS']
  const bin = folder === undefined ? [] : [join(resolve(folder), 'node_modules/.bin')]
  const env = { ...process.env, PATH: [...bin, process.env['PATH']].join(delimiter) }
  const options: SpawnSyncOptions = { env, ...(folder === undefined ? {} : { cwd: folder }) }
  const peers: readonly [string, string, readonly string[], readonly string[]][] = [
    ['git-cliff', 'git-cliff', ['--version'], ['--repository', cwd, '--bumped-version']],
    [
      'semantic-release analyzer',
      process.execPath,
      ['-e', PROBE],
      ['--input-type=module', '-e', ANALYZE, cwd],
    ],
  ]
  for (const [name, file, probe, args] of peers) {
    if (spawnSync(file, probe, options).status !== 0) {
      console.log(`${name.padEnd(28)} not found on PATH or in WAYBILL_BENCH_PEERS`)
      continue
    }
    const git = timeGit(cwd)
    const ms = timed(file, args, options)
    line(name, ms, `${(ms / git).toFixed(2)} x git log`)
  }
}

const PROBE = "require.resolve('@semantic-release/commit-analyzer')"
const ANALYZE = `
import { execFileSync } from 'node:child_process'
import { analyzeCommits } from '@semantic-release/commit-analyzer'
const out = execFileSync('git', ['-C', process.argv[1], 'log', '--format=%H%x00%B%x01'], { encoding: 'utf8', maxBuffer: 1e9 })
const commits = out.split('\\u0001\\n').filter(Boolean).map((one) => { const [hash, message] = one.split('\\0'); return { hash, message } })
await analyzeCommits({}, { cwd: process.cwd(), commits, logger: { log() {} } })`

function timeGit(cwd: string): number {
  return timed('git', ['-C', cwd, 'log', '-z', '--name-only', FORMAT, 'HEAD'])
}

function timed(file: string, args: readonly string[], options: SpawnSyncOptions = {}): number {
  const started = performance.now()
  const { status, error } = spawnSync(file, args, { ...options, stdio: 'ignore' })
  if (error !== undefined || status !== 0) throw new Error(`${file} failed`)
  return performance.now() - started
}

function line(name: string, ms: number, more = ''): void {
  console.log(`${name.padEnd(28)} ${ms.toFixed(0).padStart(7)} ms  ${more}`)
}

async function measureReplay(folder: string): Promise<void> {
  if (!existsSync(HISTORY)) return console.log('the recorded histories are not here: no replay')
  const cwd = join(folder, 'history')
  spawnSync('git', ['clone', '-q', '--bare', HISTORY, cwd])
  const started = performance.now()
  const { totals } = await simulate({ cwd, policy: 'release-please' })
  const elapsed = performance.now() - started
  console.log(`simulate of ${totals.releases} releases: ${elapsed.toFixed(0)} ms (at most 2000)`)
}

async function makeRepository(folder: string): Promise<void> {
  spawnSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder])
  const importer = spawn('git', ['-C', folder, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const random = createRandom(1)
  for (let start = 0; start < COMMITS; start += 1000) {
    const batch = Array.from({ length: 1000 }, (_, n) => commitText(start + n, random)).join('')
    if (!importer.stdin.write(batch)) await once(importer.stdin, 'drain')
  }
  importer.stdin.end()
  await once(importer, 'close')
}

function commitText(n: number, random: (below: number) => number): string {
  const owner = random(PACKAGES)
  const type = TYPES[random(TYPES.length)]!
  const message = `${type}(pkg${owner}): change number ${n} of the thing\n\nA body that says what was done and why, over two lines,\nas people write them.\n\nRefs: #${n}\n`
  const files = Array.from({ length: 1 + random(3) }, (_, k) => {
    const place = `packages/pkg${k === 0 ? owner : random(PACKAGES)}/src/part${random(5)}/file${random(20)}.ts`
    const content = `${n} ${k}\n`
    return `M 100644 inline ${place}\ndata ${content.length}\n${content}`
  })
  const who = `A <a@example.org> ${1_600_000_000 + n * 60} +0000`
  return `commit refs/heads/main\ncommitter ${who}\ndata ${Buffer.byteLength(message)}\n${message}${files.join('')}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await decideAll(process.argv[2]!)
