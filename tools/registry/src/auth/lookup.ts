import type { Context } from '@waybill/core'
import { credentialOf, readAuthFiles, type AuthFile } from './auth-file.ts'
import type { Credential } from './credential.ts'
import { askHelper } from './helper.ts'

const HUB_KEY = 'https://index.docker.io/v1/'
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/** Finds the credential for a repository: the entry of the longest path that it is below, then of its host; undefined: anonymous. */
export async function findCredential(
  registry: string,
  repository: string,
  ctx: Pick<Context, 'env' | 'exec' | 'signal'>,
): Promise<Credential | undefined> {
  for (const file of await readAuthFiles(ctx.env)) {
    const found = await findInFile(file, registry, repository, ctx)
    if (found !== undefined) return found
  }
  return undefined
}

async function findInFile(
  file: AuthFile,
  registry: string,
  repository: string,
  ctx: Pick<Context, 'env' | 'exec' | 'signal'>,
): Promise<Credential | undefined> {
  for (const key of keysOf(registry, repository)) {
    const entry = Object.entries(file.credHelpers).find(([name]) => normalKey(name) === key)
    if (typeof entry?.[1] === 'string') {
      const found = await askHelper(entry[1], helperKey(entry[0], registry), ctx)
      if (found !== undefined) return found
    }
    const matching = Object.entries(file.auths).filter(([name]) => normalKey(name) === key)
    const found = matching.map(([, value]) => credentialOf(value)).find((one) => one !== undefined)
    if (found !== undefined) return found
  }
  if (file.credsStore === undefined) return undefined
  return askHelper(file.credsStore, helperKey(registry, registry), ctx)
}

// containers-auth.json(5): the most particular path first, then its parents, then the host alone.
function keysOf(registry: string, repository: string): string[] {
  const parts = repository.split('/')
  const paths = parts.map(
    (_, index) => `${registry}/${parts.slice(0, parts.length - index).join('/')}`,
  )
  return [...paths, registry]
}

/** An entry's key without scheme, `/v1/` and final slash, Docker Hub under one name. Whole keys are compared: a part of a host would leak. */
export function normalKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '')
  const slash = bare.indexOf('/')
  const host = (slash === -1 ? bare : bare.slice(0, slash)).toLowerCase()
  return `${HUB.has(host) ? 'docker.io' : host}${slash === -1 ? '' : bare.slice(slash)}`
}

/** The key docker keeps a registry under. */
export function dockerKey(registry: string): string {
  return registry === 'docker.io' ? HUB_KEY : registry
}

const helperKey = (key: string, registry: string): string =>
  HUB.has(key) ? dockerKey(registry) : key
