// Ctrl-C, SIGTERM and SIGKILL at a publish, wherever it is: the exit code, what is left, and the same call again.
import type { ChildProcess } from 'node:child_process'
import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { closingAfter } from '../helpers/closing.ts'
import { program } from '../helpers/images.ts'
import { openFiles } from '../helpers/open-files.ts'
import { digestOfTag, tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('signals')
const opened = closingAfter(test)
const before = await createReleasedImage('before')
const image = await createReleasedImage()

const ROLLING = ['1', '1.0', 'latest']

interface Case {
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'
  /** The request at which it comes. */
  readonly method: string
  readonly path: string
  readonly code: number | null
}

const cases: readonly Case[] = [
  { signal: 'SIGINT', method: 'HEAD', path: '/manifests/1.0.1', code: 130 },
  { signal: 'SIGTERM', method: 'PUT', path: '/blobs/uploads/', code: 143 },
  { signal: 'SIGINT', method: 'PUT', path: '/manifests/1.0.1', code: 130 },
  { signal: 'SIGINT', method: 'PUT', path: '/manifests/latest', code: 5 },
  { signal: 'SIGTERM', method: 'PUT', path: '/manifests/latest', code: 5 },
  { signal: 'SIGKILL', method: 'PUT', path: '/manifests/latest', code: null },
]

const publish = (
  words: readonly string[],
  onStart?: (child: ChildProcess) => void,
): Promise<CliResult> => waybill(words, onStart === undefined ? {} : { onStart })

// Names of one kind are written side by side: where another one was done before the signal came, the end is a partial one.
function expected(code: number | null, ended: CliResult): number | null {
  if (code !== 130 && code !== 143) return code
  const { error } = ended.json() as { error: { details: Record<string, readonly string[]> } }
  const { written = [], perhaps = [] } = error.details
  return written.length + perhaps.length === 0 ? code : 5
}

for (const { signal, method, path, code } of cases) {
  for (const kept of [true, false]) {
    const how = kept ? 'with its journal' : 'from an empty disk'
    test(`${signal} at ${method} ${path}: ${code ?? 'killed'}; finished ${how}`, async () => {
      const registry = await opened(startRegistry())
      const to = [`${registry.address}/acme/app`]
      const journal = temporaryFolder('journal')
      const first = [...publishWords(before, '1.0.0', to), '--commit', 'a'.repeat(40)]
      assert.is((await publish(first)).code, 0)
      let child: ChildProcess | undefined
      const onKill = (): unknown => child?.kill(signal)
      registry.inject([{ kind: 'kill', method, path, onKill }])
      const words = [...publishWords(image, '1.0.1', to), '--journal']
      const ended = await publish([...words, journal], (started) => (child = started))
      assert.is(ended.code, expected(code, ended), ended.stderr + ended.stdout)
      registry.inject([])
      const at = (tag: string): Promise<string | undefined> =>
        digestOfTag(registry.address, 'acme/app', tag)
      // A killed one cannot put anything back; every other leaves the rolling tags where they were.
      if (code !== null) for (const tag of ROLLING) assert.is(await at(tag), before.digest, tag)
      const again = await publish([...words, kept ? journal : temporaryFolder('journal')])
      assert.is(again.code, 0, again.stderr + again.stdout)
      for (const tag of ['1.0.1', ...ROLLING]) assert.is(await at(tag), image.digest, tag)
      assert.is((await tagsOf(registry.address, 'acme/app')).length, 7)
    })
  }
}

for (const how of ['SIGTERM', 'SIGINT', '--timeout'] as const)
  test(`${how} while a version's answer is awaited: 5, since it may stand, and does`, async () => {
    let child: ChildProcess | undefined
    let isSlow = true
    const registry = await opened(
      startRegistry({
        wrap: (next) => async (request) => {
          const answer = await next(request)
          if (!isSlow || request.method !== 'PUT' || !request.path.endsWith('/manifests/1.0.0'))
            return answer
          if (how !== '--timeout') child!.kill(how)
          await sleep(5000)
          return answer
        },
      }),
    )
    const words = publishWords(image, '1.0.0', [`${registry.address}/acme/app`])
    const cwd = ['--cwd', temporaryFolder('slow')]
    const more = how === '--timeout' ? ['--timeout', '3s'] : []
    const ended = await publish([...words, ...cwd, ...more], (started) => (child = started))
    assert.is(ended.code, 5, ended.stderr + ended.stdout)
    assert.match(ended.stdout, /perhaps written: .*:1\.0\.0/)
    assert.is(await digestOfTag(registry.address, 'acme/app', '1.0.0'), image.digest)
    isSlow = false
    assert.is((await publish([...words, ...cwd])).code, 0)
  })

/** The words that make an image of a gigabyte, whose compressing takes seconds. */
function largeImage(cwd: string): string[] {
  const file = join(cwd, 'large')
  writeFileSync(file, program('amd64'))
  truncateSync(file, 1024 ** 3)
  const words = ['image', '--binary', `linux/amd64=${file}`, '--base', 'scratch', '--path', '/app']
  return [...words, '--out', join(cwd, 'layout'), '--json', '--cwd', cwd]
}

/** Sends a signal once a process has opened a file: however slow the machine, it has begun its work then. */
async function killAtWork(
  child: ChildProcess,
  signal: NodeJS.Signals,
  file: string,
): Promise<void> {
  while (child.exitCode === null && !openFiles(child.pid!).includes(file)) await sleep(5)
  child.kill(signal)
}

for (const [how, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['--timeout', 4],
] as const) {
  test(`${how} while an image is made: ${code}, one document, and no image`, async () => {
    const cwd = temporaryFolder('large')
    const words = largeImage(cwd)
    const started = performance.now()
    const ended =
      how === '--timeout'
        ? await waybill([...words, how, '1'])
        : await waybill(words, {
            onStart: (child) => void killAtWork(child, how, words[2]!.split('=')[1]!),
          })
    const { error } = ended.json() as { error: { code: string } }
    const seconds = (performance.now() - started) / 1000
    const said = how === '--timeout' ? 'ERR_TIMEOUT' : 'ERR_CANCELLED'
    assert.equal([ended.code, error.code], [code, said], `${ended.stderr} after ${seconds} s`)
    assert.not.ok(existsSync(join(cwd, 'layout/index.json')))
  })
}

test.run()
