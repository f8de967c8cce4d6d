import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { startRegistry } from '@waybill/testkit'
import { suite, type Test } from 'uvu'
import { closingAfter } from './closing.ts'
import type { Answer } from './push.ts'
import { temporaryFolder } from './temporary.ts'

/** Defines the same tests for a registry in memory and for one on disk; `at` is its address, a new one for each test. */
export function forEachStorage(title: string, define: (test: Test<{ at: string }>) => void): void {
  const base = temporaryFolder('registries')
  for (const storage of ['memory', 'disk']) {
    const test = suite<{ at: string }>(`${title}, ${storage}`)
    const opened = closingAfter(test)
    let count = 0
    test.before.each(async (context) => {
      const root = storage === 'disk' ? join(base, `${count++}`) : undefined
      context.at = (await opened(startRegistry({ root }))).address
    })
    define(test)
    test.run()
  }
}

/** The error code in an answer's body. */
export function codeIn({ body }: Answer): string {
  const { errors } = JSON.parse(body.toString()) as { errors: { code: string }[] }
  return errors[0]?.code ?? ''
}

/** The JSON of an answer. */
export function bodyOf<Value = Record<string, unknown>>({ body }: Answer): Value {
  return JSON.parse(body.toString()) as Value
}

export function sha512(bytes: Uint8Array | string): string {
  return `sha512:${createHash('sha512').update(bytes).digest('hex')}`
}
