import type { ByteRange, Staged, Storage } from './storage.ts'

/** Keeps everything in memory. */
export function memoryStorage(): Storage {
  const values = new Map<string, Uint8Array>()
  return {
    size: async (key) => values.get(key)?.byteLength,
    read: (key, range) => once(values.get(key), range),
    write: async (key, bytes) => void values.set(key, Buffer.from(bytes)),
    remove: async (key) => values.delete(key),
    list: async (key) => namesBelow(`${key}/`, values.keys()),
    link: async (from, to) => {
      const value = values.get(from)
      if (value !== undefined) values.set(to, value)
      return value !== undefined
    },
    stage: async () => stagedIn(values),
  }
}

function stagedIn(values: Map<string, Uint8Array>): Staged {
  let chunks: Uint8Array[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    async append(more) {
      for await (const chunk of more) {
        chunks.push(chunk)
        size += chunk.byteLength
      }
    },
    read: () => once(Buffer.concat(chunks)),
    commit: async (key) => void values.set(key, Buffer.concat(chunks)),
    async discard() {
      chunks = []
    },
  }
}

async function* once(bytes: Uint8Array | undefined, range?: ByteRange): AsyncGenerator<Uint8Array> {
  if (bytes === undefined) throw new Error('there is no such value')
  yield range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
}

function namesBelow(prefix: string, keys: Iterable<string>): readonly string[] {
  const below = [...keys].filter((key) => key.startsWith(prefix)).map((k) => k.slice(prefix.length))
  return below.filter((name) => !name.includes('/')).toSorted()
}
