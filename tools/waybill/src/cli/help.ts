import { commands } from './commands.ts'
import { table } from '../present/table.ts'

/** What `waybill --help` prints. */
export function usageText(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [`  ${name}`, summary])
  return `Usage: waybill <command> [options]

Takes commits to a release whose archive, image and registries are proved to hold the same bytes.

${table(rows)}

\`waybill <command> --help\` shows a command's options; \`waybill --version\` prints the version.
Every command takes --json, --cwd, --config, --quiet, --verbose, --no-color, --timeout, --jobs.
Exit codes: 0 done, 1 a finding or failure, 2 wrong usage or definition, 3 nothing to release,
4 could not find out, 5 partly written (run the same again), 130 and 143 on signals.
`
}
