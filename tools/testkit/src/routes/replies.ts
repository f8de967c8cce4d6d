import { problem, type RegistryReply } from '../message.ts'

/** The repository is not there. */
export function unknownName(name: string): RegistryReply {
  return problem(404, 'NAME_UNKNOWN', `repository name "${name}" is not known to the registry`)
}

/** A digest that cannot be read, or of an algorithm nobody here knows. */
export function invalidDigest(text: string): RegistryReply {
  return problem(
    400,
    'DIGEST_INVALID',
    `"${text.slice(0, 160)}" is no sha256 or sha512 digest in lower-case hex`,
  )
}

/** The method is none of this place's. */
export function notAllowed(allowed: string): RegistryReply {
  return problem(405, 'UNSUPPORTED', `only ${allowed} can be done here`, { Allow: allowed })
}

/** Whether a text can be a tag. OCI distribution-spec, "Pulling manifests". */
export function isTag(text: string): boolean {
  return /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text)
}

/** An immutable tag stays as it is. */
export function mayNotChange(name: string, tag: string): RegistryReply {
  return problem(409, 'DENIED', `the tag ${tag} of ${name} is immutable`)
}
