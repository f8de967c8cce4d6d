#!/usr/bin/env node
// Committed, since npm links it before anything is built. CommonJS, as the bundle is: that spares Node the loader of ES modules. The version is
// answered here so that it costs no more than starting Node.
'use strict'
const { existsSync, readFileSync, statSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

const at = (path) => join(__dirname, path)
const BUILT = at('../dist/cli/main.js')
const BUNDLE = at('../dist/bundle/main.cjs')

// The bundle starts in half the time, but may be older than what it was made from; the packed one has no such note.
function isOfLastBuild() {
  if (!existsSync(BUNDLE)) return false
  const note = at('../dist/bundle/made-from.json')
  const times = existsSync(note) ? JSON.parse(readFileSync(note, 'utf8')) : {}
  return Object.entries(times).every(
    ([path, time]) => statSync(at(path), { throwIfNoEntry: false })?.mtimeMs === time,
  )
}

async function run(words) {
  const { main } = isOfLastBuild() ? require(BUNDLE) : await import(pathToFileURL(BUILT).href)
  process.exitCode = await main(words)
}

function printVersion(version) {
  try {
    writeFileSync(1, version)
    return 0
  } catch (error) {
    if (error.code === 'EPIPE') return 0
    console.error(`error stdout cannot be written: ${error.code}`)
    return 1
  }
}

const words = process.argv.slice(2)
const isVersion = words[0] === '--version' || words[0] === '-V'
if (isVersion && words.slice(1).every((word) => word === '--json')) {
  const { version } = JSON.parse(readFileSync(at('../package.json'), 'utf8'))
  const document = JSON.stringify({ schemaVersion: 1, version }, null, 2)
  process.exitCode = printVersion(`${words.length > 1 ? document : version}\n`)
} else if (existsSync(BUILT)) {
  void run(words)
} else {
  process.stderr.write(
    'error waybill is not built in this checkout\n  Run `npm ci` (or `npm run build`) first.\n',
  )
  process.exitCode = 1
}
