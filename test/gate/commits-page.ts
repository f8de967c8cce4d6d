// docs/commits.md says what commits release; each of its examples is made as a real commit and decided by the real gate.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Component, Decision } from '@waybill/core'
import { decide, readAllCommits } from '@waybill/gate'
import { createRepository } from '../helpers/repository.ts'

const test = suite('docs/commits.md')
const page = readFileSync(resolve(import.meta.dirname, '../../../docs/commits.md'), 'utf8')

const components: readonly Component[] = [
  { name: 'hello', path: 'services/hello', tag: 'hello-v{version}' },
  { name: 'client', path: 'packages/client', tag: 'client-v{version}' },
]

interface Example {
  readonly message: string
  /** What the commit changes. */
  readonly paths: readonly string[]
  readonly expected: string
}

const EXAMPLE = /^```commit ?(?<paths>.*)\n(?<message>[^]*?)\n```\n\n→ (?<expected>.*)$/gm

const examples = [...page.matchAll(EXAMPLE)].map(({ groups }): Example => {
  const { paths, message, expected } = groups as Record<'paths' | 'message' | 'expected', string>
  const named = paths === '' ? ['services/hello'] : paths.split(' ')
  return { message, expected, paths: named.filter((path) => path !== 'empty') }
})

async function decideAfter({ message, paths }: Example): Promise<readonly Decision[]> {
  const { commit, git, path: cwd } = createRepository()
  const start = {
    'services/hello/main.c': '',
    'packages/client/index.js': '',
    'README.md/page': '',
  }
  commit({ message: 'feat: start', files: start })
  git('tag', 'hello-v1.2.3')
  git('tag', 'client-v0.4.1')
  commit({ message, files: Object.fromEntries(paths.map((path) => [`${path}/changed`, ''])) })
  return (await readAllCommits(components, { cwd })).map((range) => decide(range))
}

// A warning beside a release is told too: "hello 1.3.0, with unsquashed".
function inWords(decisions: readonly Decision[]): string {
  const blocked = decisions.some(({ status }) => status === 'blocked')
  const due = decisions.flatMap((decision) =>
    decision.status === 'due' ? [`${decision.release.component} ${decision.release.version}`] : [],
  )
  const codes = new Set(decisions.flatMap(({ findings }) => findings.map(({ code }) => code)))
  const outcome = blocked ? 'blocked' : due.length > 0 ? due.join(', ') : 'nothing'
  return codes.size === 0 ? outcome : `${outcome}, with ${[...codes].join(', ')}`
}

test('no block of the page is passed over', () => {
  assert.is(examples.length, [...page.matchAll(/^```commit/gm)].length)
  assert.ok(examples.length >= 25)
})

for (const example of examples) {
  test(`${example.message.replaceAll('\n', ' ').slice(0, 70)} → ${example.expected}`, async () => {
    assert.is(inWords(await decideAfter(example)), example.expected)
  })
}

test.run()
