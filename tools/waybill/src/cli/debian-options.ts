import { resolve } from 'node:path'
import type { Command } from 'commander'
import { WaybillError } from '@waybill/core'
import { repeated } from './parse-call.ts'
import type { PackageOptions } from '@waybill/release'

/** The options of commands that pin Debian packages. */
export interface DebianValues {
  readonly mirror?: string
  readonly keyring?: readonly string[]
  readonly allowUnauthenticated?: boolean
  readonly withoutSecurity?: boolean
}

/** Adds the options of commands that pin Debian packages. */
export function debianOptions(command: Command): void {
  command
    .option('--mirror <url>', 'Debian mirror for packages (default: the machine’s own sources)')
    .option(
      '--keyring <file>',
      'OpenPGP keys that may sign the mirror; may be repeated (default: what apt trusts, and Debian’s own)',
      repeated,
    )
    .option('--allow-unauthenticated', 'check no signature of packages; the lock says so')
    .option('--without-security', 'go on where the mirror has no archive of security updates')
}

/** What those options ask for; key files are relative to `cwd`. @throws {ERR_USAGE} where they contradict each other. */
export function debianOf(values: DebianValues, cwd: string): PackageOptions {
  const { mirror, keyring, allowUnauthenticated, withoutSecurity } = values
  if (keyring !== undefined && allowUnauthenticated === true)
    throw new WaybillError('ERR_USAGE', '--keyring cannot be used with --allow-unauthenticated', {
      outcome: 'usage',
      hint: 'Name the keys that have to sign, or check no signature at all.',
    })
  const keyrings = allowUnauthenticated === true ? [] : keyring?.map((file) => resolve(cwd, file))
  return { mirror, keyrings, withoutSecurity }
}
