// npm leaves a platform's optional package out of package-lock.json when the registry at hand does not have it, and then `npm ci`
// refuses the lock on every machine. This writes the missing entries, whose platform their names tell; run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'

const OS = [
  'darwin',
  'win32',
  'linux',
  'android',
  'freebsd',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
  'openharmony',
]
const CPU = [
  'arm64',
  'x64',
  'ia32',
  'arm',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
]
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
let added = 0
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`
    if (lock.packages[place] !== undefined || !/^\d/.test(version)) continue
    const words = name.split(/[/-]/)
    const pick = (known) => known.filter((word) => words.includes(word))
    const libc = words.flatMap((word) => LIBC[word] ?? [])
    const limits = Object.entries({ cpu: pick(CPU), libc, os: pick(OS) }).filter(
      ([, values]) => values.length > 0,
    )
    lock.packages[place] = {
      version,
      dev: entry.dev,
      ...Object.fromEntries(limits),
      optional: true,
    }
    added++
  }
}
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(
  'package-lock.json',
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
)
console.log(`${added} entries added`)
