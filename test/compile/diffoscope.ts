// `rebuild` explains a difference; diffoscope, which takes binaries apart with binutils, is asked where it sees one.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { command, compile, rebuild } from '@waybill/compile'
import type { Finding } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { environment, folderOf, releaseOf } from '../helpers/compile.ts'
import { testWith } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('rebuild against diffoscope')
const release = releaseOf('tool')
const env = environment()

// Whatever differs is as long in both builds: sections that merely move are shown by diffoscope, with other addresses, and are no difference for us.
const SOURCE = `#include <stdio.h>
__attribute__((section("noted"))) static const volatile char kept[] = KEPT;
int main(int count, char **words) { puts(WHERE); return kept[count] ^ (NUMBER + 70000); }
`

interface Way {
  readonly name: string
  /** What differs between two runs of the shell. */
  readonly flags: string
  readonly sections: readonly string[]
  readonly explained: RegExp
}

const ways: readonly Way[] = [
  {
    name: 'an embedded path',
    flags: '-DWHERE="\\"$(printf %-200s "$PWD")\\""',
    sections: ['.rodata'],
    explained: /the folder \S+ is written into the binary/,
  },
  {
    name: 'a time stamp',
    flags: '-DKEPT="\\"$(date +%s%N)\\""',
    sections: ['noted'],
    explained: /^noted: first at byte \d+: "\d+.*" and "\d+/m,
  },
  {
    name: 'a build id',
    flags: '-Wl,--build-id=0x$(date +%s%N | cut -c 4-19)',
    sections: ['.note.gnu.build-id'],
    explained: /^buildId: "[0-9a-f]{16}" and "[0-9a-f]{16}"/m,
  },
  {
    name: 'machine code',
    flags: '-DNUMBER=$(printf %s "$PWD" | wc -c)',
    sections: ['.text'],
    explained: /^\.text: first at byte \d+/m,
  },
]
const all: Way = {
  name: 'all of these at once',
  flags: ways.map(({ flags }) => flags).join(' '),
  sections: ways.flatMap(({ sections }) => sections),
  explained: /is written into the binary/,
}

// Given twice, a definition's last one counts: these stand where a way says nothing.
const DEFAULTS = '-DWHERE="\\"here\\"" -DKEPT="\\"kept\\"" -DNUMBER=3 -Wl,--build-id=0x12'

/** The differences between two builds, as `rebuild` finds them, and the two files. */
async function rebuilt(flags: string): Promise<{ findings: readonly Finding[]; files: string[] }> {
  const kept = temporaryFolder('builds')
  const script = `zig cc -w -target x86_64-linux-gnu.2.28 -O2 -g0 -s ${DEFAULTS} ${flags} a.c -o "$0" && cp "$0" "$(mktemp -p "$KEPT" -d)/tool"`
  const toolchain = command({
    binary: 'tool',
    command: ['sh', '-c', script, '{output}'],
    env: { KEPT: kept },
  })
  const cwd = folderOf({ 'a.c': SOURCE })
  const [artifact] = await compile(release, toolchain, { cwd, env, platforms: ['linux/amd64'] })
  const { findings } = await rebuild(artifact!, { release, toolchain, cwd, env })
  return { findings, files: readdirSync(kept).map((name) => join(kept, name, 'tool')) }
}

interface Difference {
  readonly source1: string
  readonly details?: readonly Difference[]
}

/** The sections in which diffoscope sees a difference; notes it shows by readelf. */
function diffoscopeSections(first: string, second: string): string[] {
  const { stdout, status } = spawnSync('diffoscope', ['--json', '-', first, second], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  assert.is(status, 1, 'diffoscope sees a difference')
  const sections = new Set<string>()
  const walk = ({ source1, details = [] }: Difference): void => {
    const section = /--(?:section|hex-dump|string-dump)=(\S+)/.exec(source1)?.[1]
    if (section !== undefined) sections.add(section)
    if (/readelf .*--notes/.test(source1)) sections.add('.note.gnu.build-id')
    details.forEach(walk)
  }
  walk(JSON.parse(stdout) as Difference)
  return [...sections].toSorted()
}

const sectionsOf = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ code }) => code === 'section-differs')
    .map(({ message }) => message.slice(0, message.indexOf(':')))
    .toSorted()

for (const { name, flags, sections, explained } of [...ways, all]) {
  testWith(test, ['zig', 'diffoscope', 'binutils'], `agrees on ${name}`, async () => {
    const { findings, files } = await rebuilt(flags)
    assert.is(files.length, 2)
    const ours = sectionsOf(findings)
    assert.equal(ours, diffoscopeSections(files[0]!, files[1]!))
    for (const section of sections) assert.ok(ours.includes(section), `${section} in ${ours}`)
    assert.match(findings.map(({ message }) => message).join('\n'), explained)
  })
}

test.run()
