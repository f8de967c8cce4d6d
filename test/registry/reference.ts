import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatReference, isTag, parseReference } from '@waybill/registry'
import { rejects } from '../helpers/rejects.ts'

const test = suite('parseReference')
const digest = `sha256:${'a'.repeat(64)}`

test('Docker Hub has one name, and library/ is written out', () => {
  for (const text of [
    'alpine',
    'docker.io/alpine',
    'index.docker.io/library/alpine',
    'registry-1.docker.io/library/alpine',
    'library/alpine',
  ])
    assert.equal(
      parseReference(text),
      { registry: 'docker.io', repository: 'library/alpine' },
      text,
    )
  assert.equal(parseReference('acme/scim:1.0'), {
    registry: 'docker.io',
    repository: 'acme/scim',
    tag: '1.0',
  })
})

test('reads hosts with ports, addresses, tags and digests', () => {
  const cases: Record<string, unknown> = {
    'ghcr.io/acme/scim': { registry: 'ghcr.io', repository: 'acme/scim' },
    'localhost/a': { registry: 'localhost', repository: 'a' },
    'localhost:5000/a/b/c:v1': { registry: 'localhost:5000', repository: 'a/b/c', tag: 'v1' },
    '[::1]:5000/a': { registry: '[::1]:5000', repository: 'a' },
    [`127.0.0.1:5000/a@${digest}`]: { registry: '127.0.0.1:5000', repository: 'a', digest },
    [`GHCR.io/a/b:T@${digest}`]: { registry: 'ghcr.io', repository: 'a/b', tag: 'T', digest },
    'r.example/a__b/c-d.e---f': { registry: 'r.example', repository: 'a__b/c-d.e---f' },
  }
  for (const [text, expected] of Object.entries(cases)) {
    const reference = parseReference(text)
    assert.equal(reference, expected, text)
    assert.equal(parseReference(formatReference(reference)), reference)
  }
})

test('refuses what no registry takes', async () => {
  const wrong = [
    '',
    'ghcr.io/',
    '/a',
    'ghcr.io/A',
    'ghcr.io/a//b',
    'ghcr.io/a:',
    'ghcr.io/a:-x',
    `ghcr.io/a:${'x'.repeat(129)}`,
    'ghcr.io/a@sha256:abc',
    `a@${digest}@${digest}`,
    'https://ghcr.io/a',
    'ghcr.io/../a',
    'ghcr.io/a b',
    'ex_ample.org/a',
    'ghcr.io:99999999/a',
    `ghcr.io/${'a/'.repeat(200)}b`,
    'ghcr.io/a?x=y',
    'ghcr.io/a#b',
    'user@ghcr.io/a',
    'ghcr.io/a:1.0+build',
  ]
  for (const text of wrong) {
    const error = await rejects(() => parseReference(text), 'ERR_INVALID_REFERENCE')
    assert.is(error.outcome, 'usage', text)
  }
})

test('a tag has no plus, colon or slash', () => {
  assert.ok(['1.0.0', 'latest', '_x', 'A-b.c_d'].every(isTag))
  assert.not(['1.0+b', '', '.x', '-x', 'a/b', 'a:b', 'x'.repeat(129)].some(isTag))
})

test.run()
