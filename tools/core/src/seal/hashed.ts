import { algorithmOf, createDigester, type Digester } from '../values/digest.ts'
import { digestMismatch, wrongSize, type Descriptor } from '../values/descriptor.ts'

/**
 * Passes on copies of chunks and hashes the copies. The last one is held back until size and digest are known to be right, so that
 * nobody who sends what comes out of here ever sends the end of something else. The copies are why a chunk cannot be changed any more once
 * it was hashed. `where` names what is read, for the error.
 * @throws {ERR_DIGEST_MISMATCH} naming expected and found.
 */
export async function* hashed(
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester(algorithmOf(descriptor.digest))
  let held: Uint8Array | undefined
  for await (const chunk of chunks) {
    // Not zeroed first, which would cost as much as the copying.
    const own = Buffer.allocUnsafeSlow(chunk.byteLength)
    own.set(chunk)
    digester.update(own)
    if (digester.size > descriptor.size)
      throw wrongSize(descriptor, { size: digester.size, isWhole: false }, where)
    if (held !== undefined) yield held
    held = own
  }
  assertRight(descriptor, digester, where)
  if (held !== undefined) yield held
}

function assertRight(
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  digester: Digester,
  where: string,
): void {
  const { digest, size } = descriptor
  if (digester.size !== size)
    throw wrongSize(descriptor, { size: digester.size, isWhole: true }, where)
  const found = digester.digest()
  if (found !== digest) throw digestMismatch(where, digest, found)
}
