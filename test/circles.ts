// Every arrow between files leads down: no circle of files, types included, and none of the folders of a package.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { imports, tools } from './helpers/imports.ts'

const test = suite('circles')
const packages = [...readdirSync(tools), 'actions']

/** A graph's circles, each as the nodes it leads through; none where every arrow leads down. */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node)
    if (at >= 0) return void found.push([...path.slice(at), node].join(' → '))
    if (done.has(node)) return
    for (const next of graph.get(node) ?? []) visit(next, [...path, node])
    done.add(node)
  }
  for (const node of graph.keys()) visit(node, [])
  return found
}

// Types too: a type that several files share stands in a file below them. Entries only re-export, and lead everywhere.
function fileGraph(name: string): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const { file, specifier } of imports(name)) {
    if (!specifier.startsWith('.') || /\/src\/(?:index|internal)\.ts$/.test(file)) continue
    const to = join(dirname(file), specifier)
    graph.set(file, (graph.get(file) ?? new Set()).add(to))
  }
  return graph
}

// A folder right below src is one room; a file there is a room of its own.
const roomOf = (file: string): string => file.split('/').slice(0, 3).join('/')

test('no files import each other in a circle, types included', () => {
  for (const name of packages) assert.equal(circles(fileGraph(name)), [], name)
})

test('no folders of a package import each other in a circle', () => {
  for (const name of packages) {
    const rooms = new Map<string, Set<string>>()
    for (const [file, targets] of fileGraph(name))
      for (const target of targets) {
        const [from, to] = [roomOf(file), roomOf(target)]
        if (from !== to) rooms.set(from, (rooms.get(from) ?? new Set()).add(to))
      }
    assert.equal(circles(rooms), [], name)
  }
})

test('a circle would be found', () => {
  const graph = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c'])],
    ['c', new Set(['a'])],
  ])
  assert.equal(circles(graph), ['a → b → c → a'])
})

test.run()
