import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

/** The same Go program for linux/amd64, with its symbols and without. */
export function wholeAndStripped(): { readonly whole: Buffer; readonly stripped: Buffer } {
  const folder = temporaryFolder('go')
  const source = join(folder, 'hello.go')
  writeFileSync(source, 'package main\nfunc main() { println("hello") }\n')
  const target = { CGO_ENABLED: '0', GO111MODULE: 'off', GOOS: 'linux', GOARCH: 'amd64' }
  const build = (name: string, ...flags: string[]): Buffer => {
    const words = ['build', ...flags, '-o', join(folder, name), source]
    execFileSync('go', words, { env: { ...process.env, ...target } })
    return readFileSync(join(folder, name))
  }
  return { whole: build('whole'), stripped: build('stripped', '-ldflags=-s -w') }
}
