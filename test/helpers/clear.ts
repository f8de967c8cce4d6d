import * as assert from 'uvu/assert'
import type { CliResult } from './cli.ts'

/** Holds an error of the command line to its promise: the exit code, words that say what is wrong, no stack, not a page of them. */
export function clear(result: CliResult, code: number, words: RegExp): void {
  assert.is(result.code, code, result.stderr + result.stdout)
  assert.match(result.stderr, words)
  assert.not.match(result.stderr, /^\s+at .*:\d+:\d+/m)
  assert.ok(result.stderr.trim().split('\n').length <= 8, result.stderr)
}
