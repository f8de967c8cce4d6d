// npm run bench -- NAME [WORD …]: runs one benchmark, with words for it; without a name it lists them. Each prints ratios against a peer in the same run.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'bench')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3))
const [name, ...words] = process.argv.slice(2)

if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? '' : `There is no benchmark "${name}". `}Benchmarks: ${names.join(', ')}`,
  )
  process.exitCode = name === undefined ? 0 : 2
} else {
  const { bench } = (await import(join(folder, `${name}.js`))) as {
    bench: (words: readonly string[]) => Promise<void>
  }
  await bench(words)
}
