// npm run actions: writes each action.yml, actions/README.md and the bundle in actions/dist, all made from the sources.
// npm run actions -- --check: compares them instead, byte for byte.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { actions } from 'waybill-actions/interface'
import { bundleActions } from './actions/bundle.ts'
import { renderAction } from './actions/render-action.ts'
import { renderReadme } from './actions/render-readme.ts'

const folder = resolve(import.meta.dirname, '../../actions')
const files = new Map([
  ...Object.entries(actions).map(([name, action]): [string, string] => [
    `${name}/action.yml`,
    renderAction(name, action),
  ]),
  ['README.md', renderReadme(actions)] as const,
  ...[...(await bundleActions())].map(([name, text]): [string, string] => [`dist/${name}`, text]),
])

const dist = join(folder, 'dist')
const leftOver = (existsSync(dist) ? filesIn(dist) : []).filter(
  (name) => !files.has(`dist/${name}`),
)
const differing = [...files].filter(([name, text]) => {
  const path = join(folder, name)
  return !existsSync(path) || readFileSync(path, 'utf8') !== text
})

if (process.argv.includes('--check')) {
  const wrong = [...differing.map(([name]) => name), ...leftOver.map((name) => `dist/${name}`)]
  for (const name of wrong) console.error(`actions/${name} is not what the sources make of it`)
  if (wrong.length > 0) console.error('Run `npm run actions` and commit what it writes.')
  process.exitCode = wrong.length > 0 ? 1 : 0
} else {
  for (const name of leftOver) rmSync(join(dist, name))
  for (const [name, text] of differing) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    console.log(`actions/${name}`)
  }
}

function filesIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
}
