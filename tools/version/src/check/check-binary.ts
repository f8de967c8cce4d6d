import { resolve } from 'node:path'
import { messageOf, type Context, type Release } from '@waybill/core'
import type { Checked, BinaryToAsk } from './types.ts'
const VERSION = /(?<![\w.])v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)/g

/** Asks a program for its version. The version must stand in what it writes as a whole word; a longer or shorter one is another. */
export async function checkBinary(
  { component, version }: Pick<Release, 'component' | 'version'>,
  binary: BinaryToAsk,
  context: Pick<Context, 'exec' | 'cwd' | 'signal'>,
): Promise<Checked> {
  const { path, args = ['--version'] } = typeof binary === 'string' ? { path: binary } : binary
  const answer = await ask(resolve(context.cwd, path), args, context)
  const versions = [...answer.text.matchAll(VERSION)].map((match) => match[1]!.replace(/\.+$/, ''))
  const found = versions.find((one) => one === version) ?? versions[0] ?? null
  const check = { component, kind: 'binary', where: path, expected: version, found } as const
  if (found === version) return { check }
  const line = answer.text.trim().split('\n')[0]!.slice(0, 120)
  const said = answer.failed ?? `it says "${line}"`
  return {
    check,
    finding: {
      code: 'version-mismatch',
      level: 'error',
      message: `${path} ${args.join(' ')}: expected ${version}, found ${found ?? 'no version'}; ${said}`,
      suggestion: 'Build it again from the released commit, with the version compiled in.',
      where: { path },
    },
  }
}

async function ask(
  file: string,
  args: readonly string[],
  { exec, cwd, signal }: Pick<Context, 'exec' | 'cwd' | 'signal'>,
): Promise<{ readonly text: string; readonly failed?: string }> {
  try {
    const { stdout, stderr } = await exec(file, args, { cwd, signal })
    return { text: `${Buffer.from(stdout).toString('utf8')}\n${stderr}` }
  } catch (error) {
    if (signal.aborted) throw error
    return { text: '', failed: messageOf(error) }
  }
}
