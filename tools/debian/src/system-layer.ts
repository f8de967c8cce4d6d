import { collect } from '@waybill/core'
import type { TarInput } from '@waybill/archive'
import { comparePaths } from '@waybill/archive'
import { readDeb } from './deb.ts'
import { statusEntries } from './package-layer.ts'

const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`
const GROUP = `root:x:0:
nobody:x:65534:
tty:x:5:
staff:x:50:
nonroot:x:65532:
`
const NSSWITCH = `passwd:    files
group:     files
shadow:    files
hosts:     files dns
networks:  files
protocols: files
services:  files
ethers:    files
rpc:       files
`

const text = (path: string, content: string): TarInput => ({
  path,
  type: 'file',
  content: Buffer.from(content),
})

/** What no package brings and a program expects: users, name service, homes and a place for temporary files. */
export const SYSTEM_ENTRIES: readonly TarInput[] = [
  { path: 'etc', type: 'directory' },
  text('etc/group', GROUP),
  text('etc/nsswitch.conf', NSSWITCH),
  text('etc/passwd', PASSWD),
  { path: 'home', type: 'directory' },
  { path: 'home/nonroot', type: 'directory', mode: 0o700, uid: 65_532, gid: 65_532 },
  { path: 'root', type: 'directory', mode: 0o700 },
  { path: 'tmp', type: 'directory', mode: 0o1777 },
]

// Far above the real bundle of some 230 kB.
const LIMIT = 16 * 1024 * 1024

/** Puts the certificates of the package ca-certificates into the one file that programs read, as its own script would. */
export async function* certificateEntries(
  deb: string,
  name: string,
): AsyncGenerator<TarInput, void, undefined> {
  const certificates: { path: string; bytes: Uint8Array }[] = []
  let latest = 0
  let copyright: Uint8Array = new Uint8Array(0)
  for await (const entry of readDeb(deb, 'data')) {
    const path = entry.path.replace(/^\.?\/+/, '')
    const certificate = /^usr\/share\/ca-certificates\/.*\.crt$/.test(path)
    if (!certificate && path !== `usr/share/doc/${name}/copyright`) continue
    const bytes = await collect(entry.content, LIMIT, `${deb}: ${path}`)
    latest = Math.max(latest, entry.mtime)
    if (certificate) certificates.push({ path, bytes })
    else copyright = bytes
  }
  certificates.sort((a, b) => comparePaths(a.path, b.path))
  const bundle = Buffer.concat(certificates.map(({ bytes }) => bytes))
  const folder = (path: string): TarInput => ({ path, type: 'directory', mtime: latest })
  const file = (path: string, content: Uint8Array): TarInput => ({
    path,
    type: 'file',
    mtime: latest,
    content,
  })
  yield* ['etc', 'etc/ssl', 'etc/ssl/certs'].map(folder)
  yield file('etc/ssl/certs/ca-certificates.crt', bundle)
  yield* ['usr', 'usr/share', 'usr/share/doc', `usr/share/doc/${name}`].map(folder)
  yield file(`usr/share/doc/${name}/copyright`, copyright)
  yield* statusEntries(deb, name, latest)
}
