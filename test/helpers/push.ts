import { digestOf } from '@waybill/core'

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json'

/** What a minimal client needs to know about an answer. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

/** One request with nothing clever about it: no retries, no redirects followed. */
export async function ask(address: string, line: string, init: RequestInit = {}): Promise<Answer> {
  const [method = 'GET', path = '/v2/'] = line.split(' ')
  const url = path.startsWith('http') ? path : `http://${address}${path}`
  const answer = await fetch(url, { method, redirect: 'manual', ...init })
  return {
    status: answer.status,
    headers: answer.headers,
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

/** Pushes a blob in one request. */
export async function pushBlob(address: string, name: string, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes)
  const path = `/v2/${name}/blobs/uploads/?digest=${digest}`
  const { status } = await ask(address, `POST ${path}`, { body: Buffer.from(bytes) })
  if (status !== 201) throw new Error(`the blob was answered with ${status}`)
  return digest
}

/** The smallest image manifest, of an empty config, told apart by `text`. */
export function smallManifest(text: string, more: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
    layers: [],
    annotations: { text },
    ...more,
  })
}

/** Pushes the smallest manifest under a tag, or under its digest. */
export async function pushManifest(
  address: string,
  name: string,
  { tag, text = '', more = {} }: { tag?: string; text?: string; more?: object },
): Promise<Answer> {
  await pushBlob(address, name, Buffer.from('{}'))
  const body = smallManifest(text, more)
  const path = `/v2/${name}/manifests/${tag ?? digestOf(body)}`
  return ask(address, `PUT ${path}`, { body, headers: { 'Content-Type': IMAGE } })
}
