import type { Command } from 'commander'
import type { VersionValues } from '@waybill/release'

/** Adds the options that say which version is released beside what the commits call for. */
export function versionOptions(command: Command): void {
  command
    .option(
      '--prerelease <line>',
      'release prereleases in this line: rc makes 1.3.0-rc.1 (default: the definition’s)',
    )
    .option('--promote', 'release the tested prerelease: exactly 1.3.0 after 1.3.0-rc.2')
    .option('--metadata <text>', 'build metadata behind every version: 1.3.0+text')
}

/** Picks those options. */
export function versionValues({ prerelease, promote, metadata }: VersionValues): VersionValues {
  return { prerelease, promote, metadata }
}
