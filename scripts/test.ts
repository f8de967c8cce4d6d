// Runs every test file in a process of its own and closes with `N passed, N failed, N skipped`.
// npm test [-- PART …]: only the files whose path contains one of the parts.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mapLimit } from '@waybill/core'

interface Outcome {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What it printed, for the end of the run. */
  readonly output: string
}

const root = resolve(import.meta.dirname, '../../test')
// As under npm: the tools of this checkout are on PATH.
const tools = resolve(root, '../node_modules/.bin')
const env = { ...process.env, PATH: [tools, process.env['PATH']].join(delimiter) }
const showDetails = pathToFileURL(join(root, 'dist/helpers/show-details.js')).href
// Removing what a test made may take a while on a busy disk.
const GRACE = 60_000
/** Characters. */
const SAID_AGAIN = 2000
const limit = Number(process.env['WAYBILL_TEST_TIMEOUT'] ?? 1200) * 1000

// The sources say which tests there are, so a compiled file whose source is gone is never run.
function sources(): string[] {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return all
    .filter((file) => file.endsWith('.ts') && !/^(dist|helpers|fixtures)\//.test(file))
    .toSorted()
}

function runFile(file: string): Promise<{ code: number | null; output: string }> {
  const compiled = join(root, 'dist', file.replace(/\.ts$/, '.js'))
  if (!existsSync(compiled))
    return Promise.resolve({ code: 1, output: `${compiled} was not built` })
  return new Promise((done) => {
    const words = ['--import', showDetails, compiled]
    const child = spawn(process.execPath, words, { cwd: resolve(root, '..'), env, timeout: limit })
    let output = ''
    let ending = false
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      // The summary is there: what keeps the process alive now was left open.
      if (!ending && /^\s+Duration:/m.test(output)) {
        ending = true
        setTimeout(() => {
          if (child.kill())
            output += `\nended ${GRACE} ms after its summary: something was left open\n`
        }, GRACE).unref()
      }
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('close', (code, signal) => {
      if (signal !== null) output += `\nthe test's process was ended by ${signal}\n`
      done({ code, output })
    })
  })
}

function count(output: string, word: string): number {
  const found = [...output.matchAll(new RegExp(`^\\s+${word}:\\s+(\\d+)`, 'gm'))]
  return found.reduce((sum, [, digits]) => sum + Number(digits), 0)
}

// A file may hold several suites; one that ran and skipped nothing has forgotten `.run()`.
function judge(file: string, code: number | null, output: string): Outcome {
  const total = count(output, 'Total')
  const passed = count(output, 'Passed')
  const skipped = count(output, 'Skipped')
  const broken = code !== 0 || total + skipped === 0
  const failed = Math.max(total - passed, broken ? 1 : 0)
  return { file, passed, failed, skipped, output }
}

function report(outcome: Outcome, output: string, seconds: string): void {
  const { file, passed, failed, skipped } = outcome
  const mark = failed > 0 ? 'FAIL' : 'ok  '
  console.log(
    `${mark} ${file}  ${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ''}  ${seconds} s`,
  )
  if (failed > 0) console.log(output.trim() === '' ? 'no test was run' : output)
  else for (const line of output.match(/^SKIP .*$/gm) ?? []) console.log(`     ${line}`)
}

const parts = process.argv.slice(2)
const files = sources().filter(
  (file) => parts.length === 0 || parts.some((part) => file.includes(part)),
)
const outcomes = await mapLimit(files, availableParallelism(), async (file) => {
  const started = performance.now()
  const { code, output } = await runFile(file)
  const outcome = judge(file, code, output)
  report(outcome, output, ((performance.now() - started) / 1000).toFixed(1))
  return outcome
})
const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
  outcomes.reduce((all, one) => all + one[key], 0)
if (files.length === 0) console.log(`no test file in ${relative(process.cwd(), root)} matches`)
// Said again at the end, which is what is read of a long run, and what is kept of it where only a part is.
const broken = outcomes.filter(({ failed }) => failed > 0)
for (const { file, output } of broken)
  console.log(`failed: ${file}\n${output.trim().slice(-SAID_AGAIN)}`)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exitCode = sum('failed') > 0 || files.length === 0 ? 1 : 0
