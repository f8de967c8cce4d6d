import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'

/** A repository and a folder beside it with a secret. */
export interface Ground {
  readonly root: string
  readonly victim: string
}

/** Puts something that is no file of the repository where `at` (from the root) is expected to be one. */
export type Trap = (ground: Ground, at: string) => void

const place = ({ root }: Ground, at: string): string => {
  const file = join(root, at)
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { recursive: true, force: true })
  return file
}
const secret = ({ victim }: Ground): string => join(victim, 'secret')

/** Whatever leads out of the repository, by kind. */
export const LEADING_OUT: Readonly<Record<string, Trap>> = {
  'an absolute link': (ground, at) => symlinkSync(secret(ground), place(ground, at)),
  'a relative link': (ground, at) => {
    const file = place(ground, at)
    symlinkSync(relative(dirname(file), secret(ground)), file)
  },
  'a link to a link': (ground, at) => {
    symlinkSync(secret(ground), place(ground, 'one-link'))
    const file = place(ground, at)
    symlinkSync(relative(dirname(file), join(ground.root, 'one-link')), file)
  },
  'a link with blanks and dots': (ground, at) => {
    const file = place(ground, at)
    symlinkSync(`././/${relative(dirname(file), ground.victim)}/./secret`, file)
  },
  'a link out and in again by another name': (ground, at) => {
    symlinkSync(ground.victim, place(ground, 'away'))
    symlinkSync(join(ground.root, 'away', 'secret'), place(ground, at))
  },
  'a link to nothing outside': (ground, at) =>
    symlinkSync(join(ground.victim, 'not-yet'), place(ground, at)),
  'a link to a device': (ground, at) => symlinkSync('/dev/zero', place(ground, at)),
  'a link to this process': (ground, at) => symlinkSync('/proc/self/environ', place(ground, at)),
  'a link into .git': (ground, at) => {
    const file = place(ground, at)
    symlinkSync(relative(dirname(file), join(ground.root, '.git/config')), file)
  },
}

/** What lies in the repository and is no file, by kind. */
export const NO_FILE: Readonly<Record<string, Trap>> = {
  'a link to nothing': (ground, at) => symlinkSync('nothing-here', place(ground, at)),
  'a link to itself': (ground, at) => {
    const file = place(ground, at)
    symlinkSync(basename(file), file)
  },
  'links in a circle': (ground, at) => {
    const file = place(ground, at)
    symlinkSync(`${basename(file)}.back`, file)
    symlinkSync(basename(file), place(ground, `${at}.back`))
  },
  'a pipe': (ground, at) => void execFileSync('mkfifo', [place(ground, at)]),
  'a link to a pipe': (ground, at) => {
    execFileSync('mkfifo', [place(ground, `${at}.pipe`)])
    const file = place(ground, at)
    symlinkSync(`${basename(file)}.pipe`, file)
  },
  // Made by a process of its own, in that folder: longer names do not fit into the address of a socket.
  'a socket': (ground, at) => {
    const file = place(ground, at)
    const script = `require('node:net').createServer().listen(${JSON.stringify(basename(file))}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script], { cwd: dirname(file) })
  },
}

/** Makes the folder outside. */
export function createVictim(folder: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'secret'), 'TOKEN=secret\n')
  return folder
}
