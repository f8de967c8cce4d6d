import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDeb822, parseOneLine } from '@waybill/debian'

const test = suite('apt sources')

test('are read in the one-line format', () => {
  const text = `# a comment
deb http://a.example/debian trixie main contrib # the archive
deb-src http://a.example/debian trixie main
deb [ arch=amd64,arm64 signed-by=/usr/share/k.gpg ] https://b.example/debian/ trixie-updates main
  deb http://c.example/debian ./
`
  assert.equal(parseOneLine(text), [
    {
      uris: ['http://a.example/debian'],
      suites: ['trixie'],
      components: ['main', 'contrib'],
      signedBy: [],
    },
    {
      uris: ['https://b.example/debian/'],
      suites: ['trixie-updates'],
      components: ['main'],
      signedBy: ['/usr/share/k.gpg'],
    },
    { uris: ['http://c.example/debian'], suites: ['./'], components: [], signedBy: [] },
  ])
})

test('may hold the key itself, which is not a stanza of its own', () => {
  const text = `Types: deb
URIs: http://a.example/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 Types: deb
 -----END PGP PUBLIC KEY BLOCK-----
`
  assert.equal(
    parseDeb822(text).map(({ signedBy }) => signedBy),
    [['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nTypes: deb\n-----END PGP PUBLIC KEY BLOCK-----']],
  )
})

test('are read in the deb822 format', () => {
  const text = `Types: deb deb-src
# in between
URIs: http://a.example/debian
  http://b.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/a.gpg

Enabled: no
Types: deb
URIs: http://c.example/debian
Suites: trixie
Components: main

Types: deb-src
URIs: http://d.example/debian
Suites: trixie
Components: main
`
  assert.equal(parseDeb822(text), [
    {
      uris: ['http://a.example/debian', 'http://b.example/debian'],
      suites: ['trixie', 'trixie-updates'],
      components: ['main'],
      signedBy: ['/usr/share/a.gpg'],
    },
  ])
})

test.run()
