import { writeTar, type TarInput } from '@waybill/archive'
import { bytesOf } from './bytes.ts'

const entries: readonly TarInput[] = [
  { path: 'd', type: 'directory' },
  { path: 'd/file', type: 'file', mode: 0o755, content: Buffer.from('some text '.repeat(80)) },
  { path: 'n'.repeat(120), type: 'file', content: Buffer.from('named by pax') },
  { path: 'd/link', type: 'symlink', linkname: 't'.repeat(130) },
  { path: 'd/hard', type: 'hardlink', linkname: 'd/file' },
]
const plain = entries.filter(({ type }) => type === 'file' || type === 'directory')

/** Small archives of every form the reader knows: ustar, pax, GNU long names, v7. */
export async function tarSeeds(): Promise<Buffer[]> {
  const tar = await bytesOf(writeTar(entries))
  const short = await bytesOf(writeTar(plain.slice(0, 2)))
  const v7 = Buffer.from(short)
  for (let at = 0; at < 1024; at += 512) v7.fill(0, at + 257, at + 512)
  return [
    tar,
    Buffer.concat([gnuLongName('L'), short]),
    Buffer.concat([gnuLongName('K'), tar]),
    resum(v7),
  ]
}

function gnuLongName(flag: string): Buffer {
  const name = Buffer.alloc(512)
  name.write('long/'.repeat(40))
  const header = Buffer.alloc(512)
  header.write('././@LongLink')
  header.write('0000644\x000000000\x000000000\x0000000000310\x0000000000000\x00', 100)
  header.write(flag, 156)
  header.write('ustar  ', 257)
  return Buffer.concat([resum(header), name])
}

/** Mends the checksums of headers: most changes would only be caught by them, and get further so. */
export function resum(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.byteLength; at += 512) {
    const block = tar.subarray(at, at + 512)
    const looksLikeHeader = /^[0-7]{6,7}[\0 ]/.test(block.toString('latin1', 100, 108))
    if (!looksLikeHeader && block.toString('latin1', 257, 262) !== 'ustar') continue
    block.fill(' ', 148, 156)
    const sum = block.reduce((total, byte) => total + byte, 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  }
  return tar
}
