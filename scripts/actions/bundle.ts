import { readFileSync, readdirSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import { rolldown, type OutputAsset, type OutputChunk } from 'rolldown'

const START = /actions[\\/]lib[\\/](?:entries[\\/]|start\.js)/
const root = resolve(import.meta.dirname, '../../..')

/** Bundles every action, in memory: file names below actions/dist and their bytes, the same for the same sources and lock. */
export async function bundleActions(): Promise<Map<string, string>> {
  const entries = join(root, 'actions/lib/entries')
  const names = readdirSync(entries).filter((file) => file.endsWith('.js'))
  const bundle = await rolldown({
    input: Object.fromEntries(names.map((file) => [basename(file, '.js'), join(entries, file)])),
    cwd: root,
    platform: 'node',
    // Old packages choose their modules at run time in what they call main.
    resolve: { mainFields: ['module', 'main'] },
    // Reading an input must not start a client for OIDC tokens: what these packages export has no effect until it is called.
    treeshake: {
      moduleSideEffects: (id) => !/node_modules\/(?:@actions|undici|tunnel)\//.test(id),
    },
    experimental: { resolveNewUrlToAsset: true },
    onwarn: (warning) => {
      // What one package loads late another may need at once; anything else is a mistake.
      if (warning.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return
      throw new Error(warning.message)
    },
  })
  const { output } = await bundle.generate({
    format: 'esm',
    minify: true,
    comments: { legal: false },
    entryFileNames: '[name].js',
    chunkFileNames: 'lib/[name].js',
    assetFileNames: 'lib/[name][extname]',
    // One file for all of them, loaded after an action's first line; what stands beside it are names for its parts.
    codeSplitting: { groups: [{ name: 'waybill', test: (id) => !START.test(id) }] },
  })
  await bundle.close()
  const files = output.map((file): [string, string] => [file.fileName, contentOf(file)])
  return new Map([...files, ['LICENSES.txt', licences(output)]])
}

const contentOf = (file: OutputChunk | OutputAsset): string =>
  file.type === 'chunk' ? file.code : file.source.toString()

// The bundle holds other people's work: their licences go with it.
function licences(output: readonly (OutputChunk | OutputAsset)[]): string {
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const packages = new Set(modules.flatMap((id) => packageFolder(id) ?? []))
  return [...packages].toSorted().map(licenceOf).join('\n')
}

function packageFolder(id: string): string | undefined {
  const parts = relative(root, id).split(sep)
  const at = parts.lastIndexOf('node_modules')
  if (at < 0) return undefined
  return join(...parts.slice(0, at + (parts[at + 1]!.startsWith('@') ? 3 : 2)))
}

function licenceOf(folder: string): string {
  const at = join(root, folder)
  const { name, version, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  }
  const file = readdirSync(at).find((entry) => /^(?:licen[cs]e|copying)(?:\.|$)/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(at, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license ?? 'no licence named'})\n${text}`
}
