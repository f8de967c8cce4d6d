import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { actions } from 'waybill-actions/interface'
import { median } from '../bench-pairs.ts'

const RUNS = 15
// dist/index.cjs of docker/metadata-action v6.2.0, from its repository.
const PEER = { name: 'docker/metadata-action v6.2.0', bytes: 2_823_599 }

/** Each action up to its first own line, beside an empty node action in the same turns; wanted: at most 150 ms more. */
export async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'))
  const empty = join(folder, 'empty.mjs')
  writeFileSync(empty, "process.stdout.write('empty\\n')\n")
  const dist = resolve('actions/dist')
  const files = new Map([
    ['an empty node action', empty],
    ...Object.keys(actions).map((name): [string, string] => [name, join(dist, `${name}.js`)]),
  ])
  const times = new Map([...files.keys()].map((name) => [name, [] as number[]]))
  try {
    for (let run = 0; run <= RUNS; run++)
      for (const [name, file] of files) {
        const time = await untilFirstLine(file, folder)
        if (run > 0) times.get(name)!.push(time) // the first run only warms up
      }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const base = median(times.get('an empty node action')!)
  for (const [name, taken] of times) {
    const time = median(taken)
    const more = name === 'an empty node action' ? '' : `   ${(time - base).toFixed(0)} ms more`
    console.log(`${name.padEnd(20)} ${time.toFixed(0).padStart(4)} ms${more}`)
  }
  const bytes = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .map((file) => statSync(join(dist, file)))
    .filter((file) => file.isFile())
    .reduce((sum, { size }) => sum + size, 0)
  const licences = readFileSync(join(dist, 'LICENSES.txt')).length
  console.log(
    `\nthe bundle: ${bytes} bytes, ${licences} of them licences; ${PEER.name}: ${PEER.bytes}, ${(bytes / PEER.bytes).toFixed(2)} times`,
  )
}

function untilFirstLine(file: string, cwd: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [file], {
    cwd,
    env: { PATH: process.env['PATH'], GITHUB_OUTPUT: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return new Promise((done, fail) => {
    let first: number | undefined
    child.stdout.once('data', () => (first = performance.now() - started))
    child.once('error', fail)
    child.once('close', () => (first === undefined ? fail(new Error(file)) : done(first)))
  })
}
