import { WaybillError, isDigest, quotedAddress, type Digest } from '@waybill/core'

/** A parsed image reference. Docker Hub is `docker.io` here, whatever it was called, with `library/` written out. */
export interface Reference {
  /** As people name it: `ghcr.io`, `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string
  /** The path in the registry: `acme/scim`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

// distribution/reference, regexp.go: the grammar every tool shares.
const HOST = /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::\d{1,5})?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/** Whether a text can be a tag. OCI distribution-spec, "Pulling manifests". */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

/**
 * Reads `registry/repository`, with a tag, a digest or both; without a registry it is Docker Hub's.
 * @throws {ERR_INVALID_REFERENCE} (outcome `usage`)
 */
export function parseReference(text: string): Reference {
  const [named = '', digest, ...rest] = text.split('@')
  if (rest.length > 0 || (digest !== undefined && !isDigest(digest)))
    throw invalid(text, 'after @ a whole sha256 or sha512 digest')
  const { path, tag } = splitTag(named)
  if (tag !== undefined && !TAG.test(tag))
    throw invalid(text, 'after : a tag of at most 128 letters, digits, and . _ -')
  const { registry, repository } = splitRegistry(path)
  if (!HOST.test(registry) || Number(/:(\d+)$/.exec(registry)?.[1] ?? 0) > 65_535)
    throw invalid(text, 'a host, and a port if any, as the registry')
  if (repository.length > 255 || !repository.split('/').every((part) => COMPONENT.test(part)))
    throw invalid(text, 'a repository of lower-case letters, digits, and . _ - between them')
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: digest as Digest }),
  }
}

/** Writes a reference out: `registry/repository[:tag][@digest]`. */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference
  const named = `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}`
  return digest === undefined ? named : `${named}@${digest}`
}

function splitTag(named: string): { path: string; tag?: string } {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  // `localhost:5000` alone is a registry without a repository, and is refused as the Docker Hub repository it then is.
  if (colon === -1) return { path: named }
  return { path: named.slice(0, colon), tag: named.slice(colon + 1) }
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf('/')
  const first = path.slice(0, Math.max(0, slash))
  const isHost = /[.:]/.test(first) || first.toLowerCase() === 'localhost'
  if (isHost && !HUB.has(first.toLowerCase()))
    return { registry: first.toLowerCase(), repository: path.slice(slash + 1) }
  const repository = isHost ? path.slice(slash + 1) : path
  return {
    registry: 'docker.io',
    repository: repository.includes('/') ? repository : `library/${repository}`,
  }
}

function invalid(text: string, expected: string): WaybillError {
  return new WaybillError(
    'ERR_INVALID_REFERENCE',
    `Expected ${expected}, found "${quotedAddress(text)}"`,
    {
      hint: 'A reference is registry/repository, then :tag or @sha256:… where one is meant.',
      outcome: 'usage',
    },
  )
}
