import {
  collect,
  digestOf,
  WaybillError,
  type Content,
  type Descriptor,
  type Destination,
  type Digest,
  type NamedDigest,
  type ProvenImage,
} from '@waybill/core'
import { sealProof } from '@waybill/core/internal'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** What a destination was asked to do, in order. */
export interface Call {
  readonly method: 'preflight' | 'names' | 'observe' | 'put' | 'check' | 'set' | 'restore'
  readonly destination: string
  readonly name?: string
  readonly digest?: NamedDigest | undefined
}

/**
 * Told of every call before it takes effect, and after it has: throwing before is a request that never arrived, throwing after
 * is an answer that got lost.
 */
export interface Watch {
  before?(call: Call): void | Promise<void>
  after?(call: Call): void | Promise<void>
}

export interface TestDestination extends Destination {
  /** What stands here. */
  readonly tags: Map<string, NamedDigest>
  readonly content: Map<Digest, Uint8Array>
  /** Every write that took effect, to find what was written twice. */
  readonly writes: string[]
  watch: Watch
}

export interface TestDestinationOptions {
  readonly required?: boolean
  readonly watch?: Watch
  /** Names per page the listing is made of; the listing itself must be whole. */
  readonly tags?: Readonly<Record<string, NamedDigest>>
}

/** A destination in memory that keeps the contract of the port: nothing is named before its content stands, reads tell the truth. */
export function createDestination(
  name: string,
  options: TestDestinationOptions = {},
): TestDestination {
  const tags = new Map(Object.entries(options.tags ?? {}))
  const content = new Map<Digest, Uint8Array>()
  const writes: string[] = []
  const asked = async <Result>(
    call: Omit<Call, 'destination'>,
    work: () => Result | Promise<Result>,
  ): Promise<Result> => {
    const whole = { ...call, destination: name }
    await Promise.resolve()
    await self.watch.before?.(whole)
    const result = await work()
    await self.watch.after?.(whole)
    return result
  }
  const self: TestDestination = {
    name,
    kind: 'oci',
    required: options.required ?? true,
    tags,
    content,
    writes,
    watch: options.watch ?? {},
    wanted: ({ subject }) => subject.digest,
    preflight: () => asked({ method: 'preflight' }, () => {}),
    names: () => asked({ method: 'names' }, () => [...tags.keys()]),
    observe: (tag) => asked({ method: 'observe', name: tag }, () => tags.get(tag)),
    put: (wanted) => asked({ method: 'put' }, () => store(wanted, { content, writes })),
    check: (wanted) =>
      asked({ method: 'check' }, () => {
        for (const { descriptor } of [...wanted.blobs, ...wanted.manifests])
          if (!content.has(descriptor.digest)) throw missing(name, descriptor.digest)
      }),
    set: (tag, digest) =>
      asked({ method: 'set', name: tag, digest }, () => {
        if (!content.has(digest as Digest)) throw missing(name, digest)
        tags.set(tag, digest)
        writes.push(`${tag}=${digest}`)
      }),
    restore: (tag, digest) =>
      asked({ method: 'restore', name: tag, digest }, () => {
        if (digest === undefined) tags.delete(tag)
        else tags.set(tag, digest)
      }),
  }
  return self
}

async function store(
  wanted: Content,
  { content, writes }: Pick<TestDestination, 'content' | 'writes'>,
): ReturnType<Destination['put']> {
  let uploaded = 0
  for (const { descriptor } of [...wanted.blobs, ...wanted.manifests]) {
    if (content.has(descriptor.digest)) continue
    content.set(
      descriptor.digest,
      await collect(wanted.read(descriptor), descriptor.size, descriptor.digest),
    )
    writes.push(descriptor.digest)
    uploaded++
  }
  return { uploaded, mounted: 0, present: 0, bytes: 0 }
}

function missing(where: string, digest: string): WaybillError {
  return new WaybillError('ERR_READ_BACK', `${where}: ${digest} is missing`)
}

/** An image of one manifest, two blobs; its digest follows from `seed`. It says it is proved. `reading` is told what is read, and may throw. */
export function createImage(
  seed: string,
  reading: (descriptor: Descriptor) => void = () => {},
): ProvenImage {
  const items = new Map<Digest, Uint8Array>()
  const keep = (mediaType: string, text: string): Descriptor => {
    const bytes = Buffer.from(text)
    items.set(digestOf(bytes), bytes)
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
  }
  const config = keep('application/vnd.oci.image.config.v1+json', JSON.stringify({ seed }))
  const layer = keep('application/vnd.oci.image.layer.v1.tar', `layer of ${seed}`)
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer] }
  const subject = keep(MANIFEST, JSON.stringify(manifest))
  const content: Content = {
    subject,
    manifests: [{ descriptor: subject }],
    blobs: [{ descriptor: config }, { descriptor: layer }],
    async *read(descriptor) {
      await Promise.resolve()
      reading(descriptor)
      const { digest } = descriptor
      const bytes = items.get(digest)
      if (bytes === undefined) throw new WaybillError('ERR_CONTENT_MISSING', `${digest} is missing`)
      yield bytes
    },
  }
  return sealProof(content, { kind: 'waived', reason: 'a test of publishing' }, [])
}
