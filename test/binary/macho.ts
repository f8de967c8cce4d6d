// `inspect` of Mach-O files, of one machine and of several, against the reader of Go's own library.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect, type BinaryFacts } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { environment, folderOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'

const test = suite('inspect Mach-O')

const ORACLE = `package main

import (
	"debug/macho"
	"encoding/json"
	"os"
)

type told struct {
	Cpu, Type string
	Needed    []string
}

func tell(file *macho.File) told {
	needed, err := file.ImportedLibraries()
	if err != nil {
		panic(err)
	}
	return told{file.Cpu.String(), file.Type.String(), needed}
}

func main() {
	all := []told{}
	if fat, err := macho.OpenFat(os.Args[1]); err == nil {
		for _, arch := range fat.Arches {
			all = append(all, tell(arch.File))
		}
	} else {
		file, err := macho.Open(os.Args[1])
		if err != nil {
			panic(err)
		}
		all = append(all, tell(file))
	}
	json.NewEncoder(os.Stdout).Encode(all)
}
`
const CPUS: Readonly<Record<string, string>> = { x86_64: 'CpuAmd64', aarch64: 'CpuArm64' }

interface Told {
  readonly Cpu: string
  readonly Type: string
  readonly Needed: readonly string[]
}

const folder = folderOf({
  'go.mod': 'module example.org/oracle\n\ngo 1.21\n',
  'main.go': ORACLE,
  'a.c': '#include <stdio.h>\nint main(void) { return puts("a"); }\n',
})

const build = (file: string, ...args: readonly string[]): unknown =>
  execFileSync(file, args, { cwd: folder, env: environment(), stdio: 'pipe' })

const told = (path: string): Told[] =>
  JSON.parse(execFileSync(join(folder, 'oracle'), [path], { encoding: 'utf8' })) as Told[]

const asTold = ({ machine, kind, needed }: BinaryFacts): Told => ({
  Cpu: CPUS[machine]!,
  Type: kind === 'executable' ? 'Exec' : 'Dylib',
  Needed: needed,
})

/** A universal file of several: fat_header and fat_arch of <mach-o/fat.h>, big-endian, each part on a page. */
function universal(parts: readonly Buffer[]): Buffer {
  const PAGE = 0x4000
  const header = Buffer.alloc(PAGE)
  header.writeUInt32BE(0xcafebabe, 0)
  header.writeUInt32BE(parts.length, 4)
  const pages = parts.map((part) =>
    Buffer.concat([part, Buffer.alloc((PAGE - (part.byteLength % PAGE)) % PAGE)]),
  )
  let offset = PAGE
  for (const [index, part] of parts.entries()) {
    const at = 8 + index * 20
    // cputype and cpusubtype stand in the part's own header, little-endian.
    const fields = [part.readUInt32LE(4), part.readUInt32LE(8), offset, part.byteLength, 14]
    for (const [place, value] of fields.entries()) header.writeUInt32BE(value, at + place * 4)
    offset += pages[index]!.byteLength
  }
  return Buffer.concat([header, ...pages])
}

testWith(
  test,
  ['go', 'zig'],
  'agrees on programs and libraries of one machine and of two',
  async () => {
    build('go', 'build', '-o', 'oracle', 'main.go')
    for (const [name, zigName] of [
      ['amd64', 'x86_64-macos'],
      ['arm64', 'aarch64-macos'],
    ] as const) {
      build('zig', 'cc', '-target', zigName, 'a.c', '-o', name)
      build('zig', 'cc', '-target', zigName, '-shared', 'a.c', '-o', `${name}.dylib`)
    }
    for (const name of ['amd64', 'arm64', 'amd64.dylib', 'arm64.dylib']) {
      const path = join(folder, name)
      assert.equal([asTold(await inspect(path))], told(path), name)
    }
    const both = join(folder, 'both')
    writeFileSync(
      both,
      universal(['amd64', 'arm64'].map((name) => readFileSync(join(folder, name)))),
    )
    const facts = await inspect(both)
    assert.is(facts.machine, 'universal')
    assert.equal(
      facts.slices.map(({ platform }) => platform),
      ['darwin/amd64', 'darwin/arm64'],
    )
    assert.equal(facts.slices.map(asTold), told(both))
    for (const [index, name] of ['amd64', 'arm64'].entries())
      assert.equal(facts.slices[index], await inspect(join(folder, name)))
  },
)

test.run()
