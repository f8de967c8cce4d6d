import { closeSync, openSync, writeSync } from 'node:fs'
import { type Context } from '@waybill/core'

/**
 * Runs a program and keeps its standard output in a file. Writing waits for the disk, so that a fast program does not fill the memory.
 * @throws {ERR_EXEC_FAILED} with what the program said, {ERR_TOOL_MISSING} {ERR_CANCELLED}
 */
export async function runProducer(
  [program, ...args]: readonly [string, ...string[]],
  file: string,
  { exec, cwd, signal, env }: Context,
): Promise<void> {
  const out = openSync(file, 'wx', 0o600)
  try {
    await exec(program, args, { cwd, signal, env, onStdout: (chunk) => writeAll(out, chunk) })
  } finally {
    closeSync(out)
  }
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.byteLength;) at += writeSync(file, chunk, at)
}
