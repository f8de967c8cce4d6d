import { posix } from 'node:path'
import type { BinaryFacts } from '@waybill/binary'

// Debian's names of the architectures' library folders; ld.so of glibc there and musl's loader look in all of these without configuration.
const MULTIARCH: Readonly<Record<string, string>> = {
  'linux/amd64': 'x86_64-linux-gnu',
  'linux/arm64': 'aarch64-linux-gnu',
  'linux/arm': 'arm-linux-gnueabihf',
  'linux/386': 'i386-linux-gnu',
  'linux/riscv64': 'riscv64-linux-gnu',
  'linux/ppc64le': 'powerpc64le-linux-gnu',
  'linux/s390x': 's390x-linux-gnu',
}

/** Where the loader looks for a binary's libraries, in its order. `path` is where the binary will be. */
export function libraryFolders(facts: BinaryFacts, path: string): readonly string[] {
  const own = facts.rpath.map((folder) =>
    folder.replace(/\$\{ORIGIN\}|\$ORIGIN/g, posix.dirname(path)),
  )
  const triple = MULTIARCH[(facts.platform ?? '').split('/').slice(0, 2).join('/')]
  const multiarch = triple === undefined ? [] : [`/lib/${triple}`, `/usr/lib/${triple}`]
  return [
    ...own.filter((folder) => folder.startsWith('/')),
    ...multiarch,
    '/lib64',
    '/usr/lib64',
    '/lib',
    '/usr/lib',
    '/usr/local/lib',
    ...(triple === undefined ? [] : [`/usr/local/lib/${triple}`]),
  ]
}
