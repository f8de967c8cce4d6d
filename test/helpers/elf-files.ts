import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, openSync, readSync } from 'node:fs'

const full = process.env['WAYBILL_FULL'] === '1'

/** ELF files below /usr/bin and /usr/lib: about `sample` of them, or every one with WAYBILL_FULL=1. */
export function elfFiles(sample: number): string[] {
  // Not readdir's own recursion: in Node 20 it follows links, and /usr/bin/X11 is a link to its own folder.
  const found = execFileSync('find', ['/usr/bin', '/usr/lib', '-type', 'f', '-size', '+1k'], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  // Spread over all of them, the same on every run.
  const files = found.split('\n').filter(Boolean).toSorted()
  if (full) return files.filter(isElf)
  const step = Math.max(1, Math.floor(files.length / 4000))
  const some = files.filter((_, index) => index % step === 0).filter(isElf)
  const every = Math.max(1, Math.floor(some.length / sample))
  return some.filter((_, index) => index % every === 0)
}

function isElf(path: string): boolean {
  const stats = lstatSync(path)
  if (!stats.isFile() || stats.size < 64) return false
  const start = Buffer.alloc(4)
  const file = openSync(path, 'r')
  readSync(file, start, 0, 4, 0)
  closeSync(file)
  return start.equals(Buffer.from('\x7fELF', 'latin1'))
}
