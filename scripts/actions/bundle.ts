import { readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { rolldown, type OutputAsset, type OutputChunk } from 'rolldown'
import { licences } from '../licences.ts'

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
