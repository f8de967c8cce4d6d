// A journal that is read back: a line that is not understood switches nothing on. Names go back to what a whole line says, or stay.
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mutations, type Plan } from '../helpers/mutations.ts'
import { rejects } from '../helpers/rejects.ts'
import { digestOf, failAt, folder, once, pair } from '../helpers/release.ts'

/** A line as it is written. */
class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const test = suite('fields of a journal')

test('a line with a field that is missing, of another type or not known puts nothing back, and forgets what came before', async () => {
  const journal = mkdtempSync(join(folder, 'fields-'))
  const { hub, ghcr } = pair()
  await once('0.8.0', { hub, ghcr })
  await once('0.9.0', { hub, ghcr })
  failAt(ghcr, ({ method, name }) => method === 'set' && name === 'latest')
  await rejects(once('1.0.0', { hub, ghcr }, { journal }), 'ERR_NETWORK')
  const [file] = readdirSync(journal).map((name) => join(journal, name))
  const lineOf = (digest: string): Plan => ({
    event: 'moving',
    names: [{ destination: hub.name, name: 'latest', digest }],
  })
  /** What `latest` is after a run that fails, where a killed one has moved it here already. */
  const after = async (...lines: readonly unknown[]): Promise<string | undefined> => {
    hub.tags.set('latest', digestOf('1.0.0') as never)
    const written = lines.map((line) => (line instanceof Raw ? line.text : JSON.stringify(line)))
    writeFileSync(file!, written.map((line) => `${line}\n`).join(''))
    await rejects(once('1.0.0', { hub, ghcr }, { journal }), 'ERR_NETWORK')
    return hub.tags.get('latest')
  }
  const [stale, before, wanted] = ['0.8.0', '0.9.0', '1.0.0'].map(digestOf)
  assert.is(await after(lineOf(stale!), lineOf(before!)), before)
  assert.is(await after(lineOf(stale!)), stale)
  const other = { event: 'done', names: [{ destination: 'other', name: 'edge', digest: null }] }
  let count = 0
  for (const { what, plan } of mutations(lineOf(before!), other)) {
    // Another place or name, and "it was absent", are right lines.
    if (
      /(?:destination|name) of another plan$|^names deleted$|digest (?:is null|of another)/.test(
        what,
      )
    )
      continue
    if (/^names\.0 (?:deleted|of another)|^names of another/.test(what)) continue
    count++
    assert.is(await after(lineOf(stale!), plan), wanted, what)
  }
  assert.ok(count > 20, `${count}`)
  for (const line of [7, null, [], {}, 'moving', [lineOf(before!)]])
    assert.is(await after(lineOf(stale!), line), wanted, JSON.stringify(line))
  const text = JSON.stringify(lineOf(before!))
  for (const [key, other] of [
    ['"event"', '"event":"done",'],
    ['"names"', '"names":[],'],
    ['"digest"', '"digest":null,'],
    ['"name"', '"n\\u0061me":"edge",'],
    ['"event"', '"Event":"done",'],
  ] as const)
    assert.is(await after(lineOf(stale!), new Raw(text.replace(key, other + key))), wanted, other)
})

test.run()
