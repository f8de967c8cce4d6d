// What `compile` does around any toolchain: parallel within the cores, cancelled at once, told whose output is whose.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { command, compile, type CompileOptions, type Toolchain } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyElf } from '../helpers/tiny-elf.ts'

const test = suite('compile')
const release = releaseOf('tool')
const platforms = ['linux/amd64', 'linux/arm64']

/** A toolchain that takes a program of the right machine, after a few lines of shell: `$1` is the architecture, `$2` a folder for notes. */
function scripted(lines: string): { toolchain: Toolchain; options: CompileOptions; notes: string } {
  const notes = temporaryFolder('notes')
  const cwd = folderOf({})
  const script = `${lines}\ncp "$2/program-$1" "$0"`
  for (const architecture of ['amd64', 'arm64'] as const)
    writeFileSync(join(notes, `program-${architecture}`), tinyElf(`linux/${architecture}`))
  const toolchain = command({
    binary: 'tool',
    command: ['sh', '-c', script, '{output}', '{arch}', notes],
  })
  return { toolchain, notes, options: { cwd, env: environment(), platforms } }
}

test('builds platforms at the same time, as many as there are cores', async () => {
  // Each waits for the other to have begun.
  const both =
    'touch "$2/$1"; for i in $(seq 100); do [ -e "$2/amd64" ] && [ -e "$2/arm64" ] && break; sleep 0.1; done; [ -e "$2/amd64" ] && [ -e "$2/arm64" ]'
  const together = scripted(both)
  await compile(release, together.toolchain, { ...together.options, jobs: 2 })
  const alone = scripted('echo "+$1" >> "$2/log"; sleep 0.2; echo "-$1" >> "$2/log"')
  await compile(release, alone.toolchain, { ...alone.options, jobs: 1 })
  const log = readFileSync(join(alone.notes, 'log'), 'utf8')
  assert.is(log, '+amd64\n-amd64\n+arm64\n-arm64\n')
})

test('is cancelled at once, and what it started is gone', async () => {
  const { toolchain, options, notes } = scripted('echo $$ > "$2/pid"; exec sleep 600')
  const controller = new AbortController()
  const signal = controller.signal
  const building = compile(release, toolchain, { ...options, platforms: ['linux/amd64'], signal })
  const cancelled = rejects(building, 'ERR_CANCELLED')
  const file = join(notes, 'pid')
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20)
  controller.abort()
  await cancelled
  const pid = Number(readFileSync(file, 'utf8'))
  assert.throws(() => process.kill(pid, 0), /ESRCH/)
})

test("shows a failed target's output, and no other's", async () => {
  const { toolchain, options } = scripted(
    'echo "chatter of $1"; if [ "$1" = arm64 ]; then sleep 0.3; echo "the reason" >&2; exit 3; fi',
  )
  const error = await rejects(compile(release, toolchain, options), 'ERR_BUILD_FAILED')
  assert.match(error.message, /tool for linux\/arm64.*exit 3/)
  assert.match(error.message, /chatter of arm64\nthe reason/)
  assert.not.match(error.message, 'chatter of amd64')
})

test.run()
