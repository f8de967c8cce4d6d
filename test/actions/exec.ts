// The Exec port: child processes, zx and @actions/exec keep one contract.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spawnExec, type Exec } from '@waybill/core'
import { fromZx } from 'waybill'
import { actionsExec } from 'waybill-actions/exec'
import { $ } from 'zx'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('Exec')
const ports: Readonly<Record<string, Exec>> = {
  'child processes': spawnExec,
  zx: fromZx($),
  '@actions/exec': actionsExec,
}
const node = process.execPath
const script = (text: string, ...words: readonly string[]): string[] => ['-e', text, ...words]
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

for (const [name, exec] of Object.entries(ports)) {
  test(`${name}: words arrive as they are`, async () => {
    const words = ['', 'a b', "it's", '"', '$HOME', '*', '\\', '`x`', '--', 'ü\n']
    const result = await exec(
      node,
      script('console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words),
    )
    assert.equal(JSON.parse(text(result.stdout)), words)
    assert.is(result.exitCode, 0)
  })

  test(`${name}: bytes come through unchanged, both streams apart`, async () => {
    const result = await exec(
      node,
      script('process.stdout.write(Buffer.from([0, 255, 10, 13])); process.stderr.write("well")'),
    )
    assert.equal([...result.stdout], [0, 255, 10, 13])
    assert.is(result.stderr, 'well')
  })

  test(`${name}: a million lines are streamed and not collected`, async () => {
    let size = 0
    const result = await exec(node, script('for (let i = 0; i < 1e6; i++) console.log("x")'), {
      onStdout: (chunk) => (size += chunk.length),
    })
    assert.is(size, 2_000_000)
    assert.is(result.stdout.length, 0)
  })

  test(`${name}: the input is read to its end; without one it is closed`, async () => {
    const echo = script('process.stdin.pipe(process.stdout)')
    assert.is(text((await exec(node, echo, { input: 'abc' })).stdout), 'abc')
    assert.is(text((await exec(node, echo)).stdout), '')
  })

  test(`${name}: a program that does not read its input ends as it ends`, async () => {
    const input = Buffer.alloc(5_000_000)
    for (let turn = 0; turn < 5; turn++) {
      assert.is((await exec(node, script(''), { input })).exitCode, 0)
      assert.is((await exec('true', [])).exitCode, 0)
    }
  })

  test(`${name}: exactly the variables that are given`, async () => {
    const { stdout } = await exec(node, script('console.log(JSON.stringify(process.env))'), {
      env: { PATH: process.env['PATH'], ONE: '1', GONE: undefined },
    })
    const seen = JSON.parse(text(stdout)) as Record<string, string>
    assert.is(seen['ONE'], '1')
    assert.is(seen['HOME'], undefined)
    assert.not.ok('GONE' in seen)
  })

  test(`${name}: works in the folder it is given, and finds a program with blanks in its path`, async () => {
    const folder = join(temporaryFolder(), 'a folder')
    mkdirSync(folder)
    symlinkSync(node, join(folder, 'a program'))
    const { stdout } = await exec(join(folder, 'a program'), script('console.log(process.cwd())'), {
      cwd: folder,
    })
    assert.is(text(stdout).trim(), folder)
  })

  test(`${name}: an exit code is an error with the program's last words, unless it is expected`, async () => {
    const fail = script('console.error("no room"); process.exitCode = 3')
    const error = await rejects(() => exec(node, fail), 'ERR_EXEC_FAILED')
    assert.match(error.message, 'no room')
    assert.match(error.message, '3')
    assert.is((await exec(node, fail, { okCodes: [0, 3] })).exitCode, 3)
  })

  test(`${name}: a program that a signal ended has failed`, async () => {
    await rejects(
      () => exec(node, script('process.kill(process.pid, "SIGKILL")')),
      'ERR_EXEC_FAILED',
    )
  })

  test(`${name}: a program that is not there is ERR_TOOL_MISSING`, async () => {
    const error = await rejects(() => exec('no-such-program', []), 'ERR_TOOL_MISSING')
    assert.match(error.message, 'no-such-program')
  })

  test(`${name}: the signal ends the call`, async () => {
    const stop = new AbortController()
    const running = exec(node, script('setTimeout(() => {}, 3000)'), { signal: stop.signal })
    setTimeout(() => stop.abort(), 200)
    await rejects(running, 'ERR_CANCELLED')
    await rejects(exec(node, script(''), { signal: AbortSignal.abort() }), 'ERR_CANCELLED')
  })
}

test.run()
