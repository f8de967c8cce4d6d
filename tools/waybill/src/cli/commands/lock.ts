import { resolve } from 'node:path'
import { defineCommand, type CommandModule } from '../command.ts'
import { debianOf, debianOptions, type DebianValues } from '../debian-options.ts'
import { registryOptions, type RegistryValues } from '../options.ts'
import { readDefinition, readLock, writeLock, assertOwnFolders, makeLock } from '@waybill/release'
import { presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { short } from '../../present/units.ts'

interface LockValues extends RegistryValues, DebianValues {
  readonly file?: string
  readonly packages?: boolean
}

export const command: CommandModule = defineCommand<LockValues>({
  configure: (command) => {
    command
      .option('--file <file>', 'the lock file (default: waybill.lock)')
      .option(
        '--packages',
        'pin Debian packages for bases that can be made from them, instead of the images',
      )
      .option('--dry-run', 'print what would be pinned, write nothing')
    debianOptions(command)
    registryOptions(command)
  },
  async run(context, { options }) {
    const { definition } = await readDefinition({
      ...context,
      config: options.config,
      allowCode: options.allowCode,
    })
    const file = resolve(context.cwd, options.file ?? 'waybill.lock')
    const { packages, plainHttp, caFile } = options
    const before = await readLock(file)
    await assertOwnFolders(context)
    const made = await makeLock(definition, {
      ...context,
      packages,
      debian: debianOf(options, context.cwd),
      before,
      plainHttp,
      caFile,
    })
    const lock = {
      ...before,
      bases: { ...before.bases, ...made.bases },
      packages: { ...before.packages, ...made.packages },
    }
    if (options.dryRun !== true) await writeLock(file, lock)
    const rows = Object.entries(lock.bases).map(([base, { digest }]) => [base, short(digest)])
    const recipes = Object.entries(lock.packages).map(([name, { unauthenticated }]) => [
      name,
      `Debian packages pinned${unauthenticated === true ? ', not authenticated' : ''}`,
    ])
    return presentation(lock, table([...rows, ...recipes]))
  },
})
