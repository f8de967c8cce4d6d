#!/usr/bin/env node
// Committed, since npm links it before anything is built. The version is answered here so that it costs no more than starting Node.
import { existsSync, readFileSync, statSync } from 'node:fs'

const BUILT = '../dist/cli/main.js'
const BUNDLE = '../dist/bundle/main.js'
const at = (path) => new URL(path, import.meta.url)

// The bundle starts in half the time, but may be older than what it was made from; the packed one has no such note.
function isOfLastBuild() {
  if (!existsSync(at(BUNDLE))) return false
  const note = at('../dist/bundle/made-from.json')
  const times = existsSync(note) ? JSON.parse(readFileSync(note, 'utf8')) : {}
  return Object.entries(times).every(
    ([path, time]) => statSync(at(path), { throwIfNoEntry: false })?.mtimeMs === time,
  )
}

const [first, ...rest] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && rest.length === 0) {
  const manifest = readFileSync(at('../package.json'), 'utf8')
  process.stdout.write(`${JSON.parse(manifest).version}\n`)
} else if (existsSync(at(BUILT))) {
  const { main } = await import(isOfLastBuild() ? BUNDLE : BUILT)
  process.exitCode = await main(process.argv.slice(2))
} else {
  process.stderr.write(
    'error waybill is not built in this checkout\n  Run `npm ci` (or `npm run build`) first.\n',
  )
  process.exitCode = 1
}
