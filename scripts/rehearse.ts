// npm run rehearse: makes a real git repository of docs/examples/hello, history and all, and releases it against
// registries on this machine. Options are those of `waybill rehearse` (--static, --to, --state, --reset, --json …).
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { main } from 'waybill/cli'
import { makeExampleRepository } from './example-repository.ts'

const words = process.argv.slice(2)
const { values } = parseArgs({
  args: words,
  options: {
    state: { type: 'string' },
    static: { type: 'boolean' },
    reset: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
  strict: false,
})
const usual = values.static === true ? '.waybill/rehearse-static' : '.waybill/rehearse'
const state = resolve(String(values.state ?? usual))
const repository = join(state, 'repository')

// The compiler is this checkout's, wherever the state lies.
const tools = resolve(import.meta.dirname, '../../node_modules/.bin')
process.env['PATH'] = [tools, process.env['PATH']].join(delimiter)
if (values.help !== true && (values.reset === true || !existsSync(repository))) {
  await makeExampleRepository(repository)
}
process.exitCode = await main(['rehearse', ...words, '--cwd', repository, '--state', state])
