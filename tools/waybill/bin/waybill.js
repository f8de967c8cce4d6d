#!/usr/bin/env node
// Committed, since npm links it before anything is built. The version is answered here so that it costs no more than starting Node.
import { existsSync, readFileSync } from 'node:fs'

const [first, ...rest] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && rest.length === 0) {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  process.stdout.write(`${JSON.parse(manifest).version}\n`)
} else if (existsSync(new URL('../dist/cli/main.js', import.meta.url))) {
  const { main } = await import('../dist/cli/main.js')
  process.exitCode = await main(process.argv.slice(2))
} else {
  process.stderr.write(
    'error waybill is not built in this checkout\n  Run `npm ci` (or `npm run build`) first.\n',
  )
  process.exitCode = 1
}
