// `inspect` against objdump, which reads by another library than readelf: ELF files of this machine, and PE files that Zig links.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { inspect, type BinaryFacts } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { elfFiles } from '../helpers/elf-files.ts'
import { environment, folderOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'

const test = suite('inspect against objdump')

const objdump = (file: string): string =>
  execFileSync('objdump', ['-f', '-p', file], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1]!)

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'i386:x86-64',
  i386: 'i386',
}

interface Told {
  readonly architecture: string | undefined
  readonly needed: readonly string[]
  readonly soname: string | null
  readonly rpath: readonly string[]
  readonly versions: readonly string[]
  readonly executableStack: boolean | null
}

function told(text: string): Told {
  const stack = /^ {3}STACK .*\n.*flags (\S+)/m.exec(text)?.[1]
  const references = text.split('Version References:\n')[1]?.split('\n\n')[0] ?? ''
  return {
    architecture: all(text, /^architecture: ([^,]+),/gm)[0],
    needed: all(text, /^ {2}NEEDED +(\S.*)$/gm),
    soname: all(text, /^ {2}SONAME +(\S.*)$/gm)[0] ?? null,
    rpath: all(text, /^ {2}(?:RPATH|RUNPATH) +(\S.*)$/gm).flatMap((path) => path.split(':')),
    versions: all(references, /^ {4}0x\S+ 0x\S+ \d+ (\S+)$/gm).toSorted(),
    executableStack: stack === undefined ? null : stack.includes('x'),
  }
}

function ours(facts: BinaryFacts, { executableStack }: Told): Told {
  return {
    architecture: ARCHITECTURES[facts.machine],
    needed: facts.needed,
    soname: facts.soname,
    rpath: facts.rpath,
    versions: facts.requires.flatMap(({ versions }) => versions).toSorted(),
    executableStack: executableStack === null ? null : facts.executableStack,
  }
}

testWith(test, ['binutils'], 'agrees on ELF files of this machine', async () => {
  let compared = 0
  for (const file of elfFiles(60)) {
    const facts = await inspect(file)
    if (ARCHITECTURES[facts.machine] === undefined || facts.kind === 'debug') continue
    const theirs = told(objdump(file))
    assert.equal(ours(facts, theirs), theirs, file)
    compared++
  }
  assert.ok(compared > 20, `only ${compared} files were compared`)
})

testWith(test, ['binutils', 'zig'], 'agrees on PE files: machine and libraries', async () => {
  const cwd = folderOf({ 'a.c': '#include <stdio.h>\nint main(void) { return puts("x"); }\n' })
  for (const [target, format] of [
    ['x86_64-windows-gnu', 'pei-x86-64'],
    ['x86-windows-gnu', 'pei-i386'],
  ] as const) {
    const file = join(cwd, `${target}.exe`)
    const env = { ...environment(), ZIG_LOCAL_CACHE_DIR: join(cwd, 'zig') }
    execFileSync('zig', ['cc', '-target', target, 'a.c', '-o', file], { cwd, env, stdio: 'pipe' })
    const text = objdump(file)
    const facts = await inspect(file)
    assert.match(text, `file format ${format}`)
    assert.is(ARCHITECTURES[facts.machine], told(text).architecture)
    const libraries = all(text, /DLL Name: (\S+)/g)
    assert.ok(libraries.length > 0)
    assert.equal(facts.needed, libraries)
  }
})

test.run()
