import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A home of GnuPG of its own. Times are in its own form: `20200101T000000`. */
export interface Gpg {
  readonly home: string
  run(words: readonly string[], options?: { at?: string; input?: string }): Buffer
  /** Makes a key that signs and certifies, and returns its fingerprint. */
  key(name: string, options?: { algorithm?: string; at?: string; expire?: string }): string
  export(...fingerprints: readonly string[]): Buffer
  /** Ends the agent that came with it. */
  close(): void
}

export function createGpg(folder: string): Gpg {
  const home = mkdtempSync(join(folder, 'g-'))
  const common = ['--homedir', home, '--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback']
  const run: Gpg['run'] = (words, { at, input } = {}) =>
    execFileSync(
      'gpg',
      [
        ...common,
        '--passphrase',
        '',
        '--trust-model',
        'always',
        '--no-auto-check-trustdb',
        ...(at === undefined ? [] : ['--faked-system-time', at, '--ignore-time-conflict']),
        ...words,
      ],
      { input: input ?? '', stdio: ['pipe', 'pipe', 'pipe'] },
    )
  const list = (): string => String(run(['--list-keys', '--with-colons']))
  return {
    home,
    run,
    key(name, { algorithm = 'ed25519', at, expire = 'never' } = {}) {
      run(
        ['--quick-generate-key', `${name} <${name}@example.org>`, algorithm, 'sign', expire],
        at === undefined ? {} : { at },
      )
      return [...list().matchAll(/^fpr:+([0-9A-F]{40}):/gm)].at(-1)![1]!
    },
    export: (...fingerprints) => run(['--export', ...fingerprints]),
    close: () => void spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']),
  }
}

/** Whether gpgv takes a clear-signed message, as apt asks it: SHA-1 is weak, and expired or revoked is not good. */
export function gpgvAccepts(folder: string, keyring: Buffer, message: string): boolean {
  const here = mkdtempSync(join(folder, 'v-'))
  const [keys, text] = [join(here, 'keys.gpg'), join(here, 'InRelease')]
  writeFileSync(keys, keyring)
  writeFileSync(text, message)
  const words = ['--status-fd', '1', '--weak-digest', 'SHA1', '--keyring', keys, text]
  const { stdout } = spawnSync('gpgv', words, { encoding: 'utf8' })
  return /^\[GNUPG:\] GOODSIG /m.test(stdout) && /^\[GNUPG:\] VALIDSIG /m.test(stdout)
}
