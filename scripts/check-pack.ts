// Packs every package, installs the tarballs into an empty folder, and there imports the library and runs the CLI on each Node line.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'

interface PackedFiles {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const LINES = ['20', '22', '24', 'latest']

$.verbose = false
const folder = mkdtempSync(join(tmpdir(), 'waybill-pack-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const packages = readdirSync('tools').map((name) => `tools/${name}`)
for (const path of packages) await $`npx publint ${path} --strict`
const packed = join(folder, 'packed')
mkdirSync(packed)
const workspaces = packages.map((path) => `--workspace=${path}`)
const { stdout: list } =
  await $`npm pack --json ${workspaces} --pack-destination ${packed} --loglevel=error`
for (const { filename, files } of JSON.parse(list) as PackedFiles[]) {
  const stray = files.find(({ path }) => path.endsWith('.tsbuildinfo'))
  if (stray !== undefined)
    throw new Error(`${filename} holds ${stray.path}, which is of no use there`)
}
const tarballs = readdirSync(packed).map((file) => join(packed, file))

const app = join(folder, 'app')
mkdirSync(app)
writeFileSync(
  join(app, 'package.json'),
  JSON.stringify({ name: 'app', private: true, type: 'module' }),
)
await $({ cwd: app })`npm install --no-audit --no-fund --loglevel=error ${tarballs}`

const script = `import('waybill').then((w) => { if (typeof w.run !== 'function') throw new Error('no run') })`
for (const line of LINES) {
  const node = await nodeOf(line)
  const bin = join(app, 'node_modules/waybill/bin/waybill.js')
  const here = $({ cwd: app })
  const { stdout: version } = await here`${node} --version`
  await here`${node} --input-type=module -e ${script}`
  const { stdout } = await here`${node} ${bin} --version`
  await here`${node} ${bin} --help`
  console.log(`packed waybill ${stdout.trim()} imports and runs on Node ${version.trim()}`)
}

// CI keeps the other lines in a folder of its own; anywhere else they are installed for this run.
async function nodeOf(line: string): Promise<string> {
  if (process.versions.node.startsWith(`${line}.`)) return process.execPath
  const kept = join(process.env['WAYBILL_NODES'] ?? folder, `node-${line}`)
  const node = join(kept, 'node_modules/node/bin/node')
  if (!existsSync(node))
    await $`npm install --no-audit --no-fund --loglevel=error --prefix ${kept} node@${line}`
  return node
}
