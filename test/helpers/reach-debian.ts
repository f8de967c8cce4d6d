import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

// In a process of its own, since a test file has to know before it runs.
const SCRIPT = `
import { readAptSources } from '@waybill/debian'
import { createHttpClient } from '@waybill/core'
const names = /^(bookworm|trixie|stable|oldstable)$/
const source = (await readAptSources()).find(({ suites }) => suites.some((name) => names.test(name)))
const url = source.uris[0].replace(/[/]$/, '') + '/dists/' + source.suites.find((name) => names.test(name)) + '/InRelease'
const answer = await createHttpClient({ env: process.env }).request(url, { method: 'HEAD', retries: 0, signal: AbortSignal.timeout(10_000) })
process.exit(answer.status < 400 ? 0 : 1)
`

/** Whether this machine is a Debian whose apt sources answer. */
export function reachesDebian(): boolean {
  const args = ['--input-type=module', '--eval', SCRIPT]
  const cwd = resolve(import.meta.dirname, '../../..')
  return spawnSync(process.execPath, args, { cwd, stdio: 'ignore', timeout: 20_000 }).status === 0
}
