// Does one piece of work against a registry that may be hostile, in a process of its own whose memory is measured.
import { createHttpClient, isWaybillError, type HttpClient } from '@waybill/core'
import { loadContent, readImages } from '@waybill/oci'
import { destination, repository } from '@waybill/registry'
import { testImage } from './image.ts'
import { peakMemory } from './memory.ts'

interface Options {
  readonly http: HttpClient
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What can be asked of a registry, by name. */
export const works = {
  list: (at: string, options: Options) => repository(at, options).tags(),
  referrers: (at: string, options: Options) =>
    repository(at, options).referrers(testImage().subject.digest),
  load: async (at: string, options: Options) => {
    const source = repository(at, options)
    return (await loadContent(source, await source.resolve('latest'))).blobs.length
  },
  images: async (at: string, options: Options) => {
    const source = repository(at, options)
    const subject = await source.resolve('latest')
    return (await readImages({ subject, read: (one) => source.fetch(one) })).length
  },
  blobs: async (at: string, options: Options) => {
    const source = repository(at, options)
    const content = await loadContent(source, await source.resolve('latest'))
    for (const { descriptor } of content.blobs) for await (const _ of content.read(descriptor));
  },
  observe: (at: string, options: Options) => destination(at, options).observe('latest'),
  put: (at: string, options: Options) => destination(at, options).put(testImage()),
  preflight: (at: string, options: Options) => destination(at, options).preflight(),
} as const

export type Work = keyof typeof works

export interface ChildOrder {
  readonly work: Work
  /** Where it is asked, side by side. */
  readonly at: readonly string[]
  /** The window, in milliseconds. */
  readonly timeout: number
  readonly env?: Readonly<Record<string, string>>
}

export interface ChildResult {
  /** Each an error's code, or `done` and what came out, as text. */
  readonly ends: readonly string[]
  /** The most memory the process ever held, in MB. */
  readonly memory: number
}

async function endOf({ work, timeout, env = {} }: ChildOrder, at: string): Promise<string> {
  const http = createHttpClient({ timeout })
  try {
    const result = await works[work](at, { http, env })
    return `done ${Array.isArray(result) ? result.length : String(result)}`
  } catch (error) {
    return isWaybillError(error) ? error.code : `a fault: ${(error as Error).message}`
  } finally {
    await http.close()
  }
}

if (process.argv[2] !== undefined) {
  const order = JSON.parse(process.argv[2]) as ChildOrder
  const ends = await Promise.all(order.at.map((at) => endOf(order, at)))
  process.stdout.write(JSON.stringify({ ends, memory: peakMemory() } satisfies ChildResult))
}
