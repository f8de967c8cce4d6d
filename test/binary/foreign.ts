// `inspect` against readelf on the C libraries of foreign machines, from Debian's cross packages.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testWith } from '../helpers/needs.ts'
import { different, readReadelf } from '../helpers/readelf.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('inspect foreign libraries')

const machines = [
  ['arm64', 'linux/arm64'],
  ['armhf', 'linux/arm'],
  ['riscv64', 'linux/riscv64'],
  ['s390x', 'linux/s390x'],
  ['ppc64el', 'linux/ppc64le'],
  ['i386', 'linux/386'],
] as const

for (const [name, platform] of machines) {
  testWith(
    test,
    ['apt', 'binutils'],
    `agrees with readelf on the libc of ${platform}`,
    async () => {
      const folder = temporaryFolder('libc')
      execFileSync('apt-get', ['download', '-qq', `libc6-${name}-cross`], {
        cwd: folder,
        stdio: 'pipe',
      })
      const [file] = readdirSync(folder)
      execFileSync('dpkg-deb', ['-x', join(folder, file!), join(folder, 'x')])
      const found = execFileSync('find', [join(folder, 'x'), '-type', 'f', '-name', '*.so*'], {
        encoding: 'utf8',
      })
      const libraries = found.split('\n').filter(Boolean)
      assert.ok(libraries.length > 10)
      for (const library of libraries) {
        const facts = await inspect(library)
        assert.is(facts.platform, platform, library)
        assert.is(different(facts, readReadelf(library)), undefined, library)
      }
    },
  )
}

test.run()
