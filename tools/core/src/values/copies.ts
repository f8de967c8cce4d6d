import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Known to every copy of this package in the process. It is looked at to explain an error and for nothing else: nothing in it is trusted.
const KEY = Symbol.for('@waybill/core: copies that made a proof')

type Shared = Record<symbol, unknown>

const own = import.meta.url

/** Notes that this copy of the package makes proofs. */
export function noteCopy(): void {
  const noted = urls()
  if (!noted.includes(own)) (globalThis as unknown as Shared)[KEY] = [...noted, own]
}

/** This copy of the package and the others that made proofs, each as a version and a file; undefined where there is no other. */
export function otherCopies(): { readonly own: string; readonly others: string[] } | undefined {
  const others = urls().filter((url) => url !== own)
  return others.length === 0 ? undefined : { own: nameOf(own), others: others.map(nameOf) }
}

function urls(): readonly string[] {
  const noted = (globalThis as unknown as Shared)[KEY]
  return Array.isArray(noted) ? noted.filter((one) => typeof one === 'string') : []
}

function nameOf(url: string): string {
  try {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', url), 'utf8')) as {
      readonly version?: unknown
    }
    return `${String(version)} at ${fileURLToPath(new URL('../..', url))}`
  } catch {
    return `a bundle at ${url.slice(0, 300)}`
  }
}
