// Part of `npm run build`: bundles the command line into tools/waybill/dist/bundle (or a folder given). Node takes a third of a millisecond for every file
// it loads, and a command has some 250; and CommonJS spares it the loader of ES modules, 15 ms of a command. What the bundle was made from is noted beside it, so that one that is not of the last build is not run.
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { licences } from './licences.ts'

const tools = resolve(import.meta.dirname, '../../tools')
const bin = join(tools, 'waybill/bin')
const out = resolve(process.argv[2] ?? join(tools, 'waybill/dist/bundle'))

// Dependencies stay where npm puts them, but for those that every command needs.
const INLINED = 'commander|fastest-levenshtein|semver'
// Whatever publishes needs all of these, and one file of them is read sooner than the parts a command happens to need.
const TOGETHER = new RegExp(
  `tools/(?:core|archive|binary|oci|image|registry|publish)/|node_modules/(?:${INLINED})/`,
)
// What Node itself brings needs no loader either.
const builtinsAtOnce = {
  name: 'builtins-at-once',
  renderChunk: (code: string): string =>
    code.replaceAll(/\bimport\(("node:[a-z/_]+")\)/g, 'Promise.resolve().then(() => require($1))'),
}

rmSync(out, { recursive: true, force: true })
const bundle = await rolldown({
  input: { main: join(tools, 'waybill/dist/cli/main.js') },
  platform: 'node',
  external: new RegExp(`^(?!@waybill/|[./]|(?:${INLINED})(?:/|$))`),
  onwarn: (warning) => {
    // What one command loads late another may need at once; anything else is a mistake.
    if (warning.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(warning.message)
  },
})
const { output } = await bundle.write({
  dir: out,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  plugins: [builtinsAtOnce],
  codeSplitting: { groups: [{ name: 'packages', test: TOGETHER }] },
})
await bundle.close()
writeFileSync(join(out, 'LICENSES.txt'), licences(output))

const records = readdirSync(tools).map((name) => join(tools, name, 'dist/.tsbuildinfo'))
const times = records.map((path) => [relative(bin, path), statSync(path).mtimeMs])
writeFileSync(join(out, 'made-from.json'), JSON.stringify(Object.fromEntries(times)))
