import { resolve } from 'node:path'
import { inspect, type BinaryFacts } from '@waybill/binary'
import type { Report } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import type { ImageAccess } from '../open-image.ts'
import { registryAccess, registryOptions, type RegistryValues } from '../options.ts'
import { findingsText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { EXIT } from '../../exit-code.ts'

interface InspectValues extends RegistryValues {
  readonly base?: string
}

export const command: CommandModule = defineCommand<InspectValues>({
  configure: (command) => {
    command
      .argument('<file>', 'an ELF, PE or Mach-O file')
      .option('--base <reference>', 'does it fit on this base image?')
    registryOptions(command)
  },
  async run(context, { args, options }) {
    const facts = await inspect(resolve(context.cwd, args[0]!))
    const fit =
      options.base === undefined
        ? undefined
        : await fitOn(facts, options.base, registryAccess(context, options))
    const json = {
      schemaVersion: 1,
      ...facts,
      ...(fit === undefined ? {} : { fit: { ok: fit.ok, findings: fit.findings } }),
    }
    const text = [
      factsText(facts),
      fit === undefined ? '' : `fits on ${options.base}: ${fit.ok ? 'yes' : 'no'}`,
      findingsText(fit?.findings ?? []),
    ]
    return presentation(
      json,
      text.filter((part) => part !== '').join('\n'),
      fit?.ok === false ? EXIT.failed : EXIT.done,
    )
  },
})

// Only a question about a base needs layers and registries; the facts alone don't load them.
async function fitOn(facts: BinaryFacts, base: string, options: ImageAccess): Promise<Report> {
  const { withBase } = await import('../open-image.ts')
  const { checkFit } = await import('@waybill/image')
  return withBase(base, options, (image) => checkFit(facts, image, options))
}

function factsText(facts: BinaryFacts): string {
  const versions = Object.entries(facts.versions).map(([prefix, version]) => `${prefix} ${version}`)
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    ['format', facts.format],
    ['machine', facts.machine],
    ['platform', facts.platform],
    ['linkage', facts.linkage],
    ['interpreter', facts.interpreter],
    ['needed', facts.needed.join(', ')],
    ['rpath', facts.rpath.join(', ')],
    ['versions', versions.join(', ')],
    ['build id', facts.buildId],
    ['stripped', facts.stripped ? 'yes' : 'no'],
    ['executable stack', facts.executableStack ? 'YES' : 'no'],
    ['go', facts.go?.version],
    ['rust', facts.rust === null ? '' : `${facts.rust.packages.length} crates recorded`],
  ]
  return table(rows.filter((row): row is readonly [string, string] => (row[1] ?? '') !== ''))
}
