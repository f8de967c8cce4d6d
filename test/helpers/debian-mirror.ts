import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHash } from 'node:crypto'
import { crc32, gzipSync } from 'node:zlib'
import { writeTar, type TarInput } from '@waybill/archive'
import { bytesOf } from './bytes.ts'

export interface TestPackage {
  readonly name: string
  readonly version: string
  /** @default 'all' */
  readonly architecture?: string
  readonly files: readonly TarInput[]
  /** @default 'xz' */
  readonly compression?: 'xz' | 'gz' | 'none'
}

/** A real HTTP server with a real, small Debian archive: InRelease, Packages.xz by hash, pool. */
export interface TestMirror {
  readonly url: string
  /** Paths that were asked for. */
  readonly requests: string[]
  /** By path; change it to break the mirror. A number is answered as a status, a text as a redirect. */
  readonly files: Map<string, Uint8Array | number | string>
  publish(root: string, suite: string, packages: readonly TestPackage[]): Promise<void>
  /** Signs every Release file anew. */
  sign(clearSign: (text: string) => string): void
  close(): Promise<void>
}

export async function startMirror(): Promise<TestMirror> {
  const files = new Map<string, Uint8Array | number | string>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURI(request.url!).slice(1)
    requests.push(path)
    const file = files.get(path) ?? 404
    if (typeof file === 'number') response.writeHead(file).end('no')
    else if (typeof file === 'string') response.writeHead(302, { location: file }).end()
    else response.writeHead(200).end(file)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    files,
    publish: (root, suite, packages) => publish(files, { root, suite }, packages),
    sign(clearSign) {
      for (const [path, content] of files) {
        if (!path.endsWith('/InRelease')) continue
        const [, text] = /\n\n([^]*?)\n-----BEGIN PGP SIGNATURE/.exec(String(content))!
        files.set(path, Buffer.from(clearSign(text!)))
      }
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

async function publish(
  files: Map<string, Uint8Array | number | string>,
  { root, suite }: { readonly root: string; readonly suite: string },
  packages: readonly TestPackage[],
): Promise<void> {
  const security = suite.endsWith('-security') ? 'updates/' : ''
  const stanzas = new Map<string, string[]>([
    ['amd64', []],
    ['arm64', []],
  ])
  for (const one of packages) {
    const { name, version, architecture = 'all' } = one
    const deb = await createDeb(one)
    const short = version.replace(/^\d+:/, '')
    const filename = `pool/${security}main/${name[0]}/${name}/${name}_${short}_${architecture}.deb`
    files.set(`${root}/${filename}`, deb)
    const stanza = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nFilename: ${filename}\nSize: ${deb.byteLength}\nSHA256: ${sha256(deb)}\nDescription: made for a test\n`
    for (const [target, list] of stanzas)
      if (architecture === 'all' || architecture === target) list.push(stanza)
  }
  const sums: string[] = []
  for (const [architecture, list] of stanzas) {
    const index = xz(Buffer.from(list.join('\n')))
    const folder = `main/binary-${architecture}`
    files.set(`${root}/dists/${suite}/${folder}/by-hash/SHA256/${sha256(index)}`, index)
    sums.push(` ${sha256(index)} ${index.byteLength} ${folder}/Packages.xz`)
  }
  const release = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nCodename: ${suite}\nAcquire-By-Hash: yes\nSHA256:\n${sums.join('\n')}\n-----BEGIN PGP SIGNATURE-----\n\nnone\n-----END PGP SIGNATURE-----\n`
  files.set(`${root}/dists/${suite}/InRelease`, Buffer.from(release))
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A .deb file, written here byte by byte: deb(5). */
export async function createDeb(one: TestPackage): Promise<Buffer> {
  const { name, version, architecture = 'all' } = one
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\n`
  const controlTar = await bytesOf(
    writeTar([
      { path: 'control', type: 'file', content: Buffer.from(control) },
      { path: 'md5sums', type: 'file', content: Buffer.from('0  usr/x\n') },
      { path: 'postinst', type: 'file', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
    ]),
  )
  const data = await bytesOf(writeTar(one.files))
  const compression = one.compression ?? 'xz'
  const packed = {
    xz: ['data.tar.xz', xz],
    gz: ['data.tar.gz', gzipSync],
    none: ['data.tar', same],
  }
  const [ending, pack] = packed[compression] as [string, (bytes: Buffer) => Buffer]
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    arMember('debian-binary', Buffer.from('2.0\n')),
    arMember('control.tar.gz', gzipSync(controlTar)),
    arMember(ending, pack(data)),
  ])
}

const same = (bytes: Buffer): Buffer => bytes

function arMember(name: string, content: Buffer): Buffer {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.byteLength).padEnd(10)}\`\n`
  return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.byteLength % 2, '\n')])
}

/** The .xz file of bytes, in stored LZMA2 chunks, so that no tool is needed. The .xz File Format 1.2.1. */
export function xz(bytes: Buffer): Buffer {
  const flags = Buffer.from([0, 1]) // every block ends with a CRC32
  const block = withSum(Buffer.from([2, 0, 0x21, 1, 0x16, 0, 0, 0]))
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.byteLength; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536)
    const size = piece.byteLength - 1
    chunks.push(Buffer.from([at === 0 ? 1 : 2, size >> 8, size & 255]), piece)
  }
  const data = Buffer.concat([...chunks, Buffer.from([0])])
  const unpadded = block.byteLength + data.byteLength + 4
  const records = Buffer.from([0, 1, ...varint(unpadded), ...varint(bytes.byteLength)])
  const index = withSum(Buffer.concat([records, pad(records.byteLength)]))
  const back = Buffer.alloc(4)
  back.writeUInt32LE(index.byteLength / 4 - 1)
  const footer = Buffer.concat([back, flags])
  return Buffer.concat([
    Buffer.from('fd377a585a00', 'hex'),
    withSum(flags),
    block,
    data,
    pad(data.byteLength),
    sum(bytes),
    index,
    sum(footer),
    footer,
    Buffer.from('YZ'),
  ])
}

const pad = (size: number): Buffer => Buffer.alloc((4 - (size % 4)) % 4)
const withSum = (bytes: Buffer): Buffer => Buffer.concat([bytes, sum(bytes)])

function sum(bytes: Buffer): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(crc32(bytes))
  return out
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]
}
