import {
  FREE_BELOW,
  isWaybillError,
  tryParseJson,
  WaybillError,
  type Context,
  type Digest,
  type ExecResult,
} from '@waybill/core'

/** npm's own program, at one registry: it knows the user's configuration, credentials and trusted publishing. */
export interface Npm {
  /** What the program printed as JSON; undefined where the registry says that there is no such thing. */
  ask(args: readonly string[], signal?: AbortSignal): Promise<unknown>
  /** The address of a package's registry, with a slash at its end. */
  registryOf(name: string): Promise<string>
}

interface Answer {
  readonly error?: { readonly code?: string; readonly summary?: string }
}

/** Runs npm where the context is; `registry` stands in place of the configured one. */
export function npmAt({ cwd, env, exec, signal: own }: Context, registry?: string): Npm {
  const where = registry === undefined ? [] : ['--registry', registry]
  const quiet = ['--json', '--loglevel=silent', '--prefer-online', '--no-workspaces', ...where]
  const ask = async (args: readonly string[], signal = own): Promise<unknown> => {
    const all = [...args, ...quiet]
    const result = await exec('npm', all, { cwd, env, signal, okCodes: [0, 1] })
    return readAnswer(args, result)
  }
  // Of a scope (`@acme:registry`), or else the one for all.
  const configured = once(async (scope) => {
    const scoped = scope === '' ? undefined : await ask(['config', 'get', `${scope}:registry`])
    return String(
      typeof scoped === 'string' && scoped !== 'undefined'
        ? scoped
        : await ask(['config', 'get', 'registry']),
    )
  })
  return {
    ask,
    registryOf: async (name) => {
      const address = registry ?? (await configured(/^@[^/]+/.exec(name)?.[0] ?? ''))
      return address.endsWith('/') ? address : `${address}/`
    },
  }
}

function once(read: (key: string) => Promise<string>): (key: string) => Promise<string> {
  const known = new Map<string, Promise<string>>()
  return (key) => {
    const value = known.get(key) ?? read(key)
    known.set(key, value)
    return value
  }
}

function readAnswer(args: readonly string[], result: ExecResult): unknown {
  const text = new TextDecoder().decode(result.stdout).trim()
  const answer = text === '' ? undefined : parse(text)
  if (result.exitCode === 0) return answer
  const { code = 'no code', summary = result.stderr.trim() } = (answer as Answer)?.error ?? {}
  if (code === 'E404') return undefined
  throw refused(args, code, summary)
}

function parse(text: string): unknown {
  const value = tryParseJson(text, 'The answer of npm', FREE_BELOW)
  return value === undefined ? text : value
}

const CODES: Readonly<Record<string, 'ERR_UNAUTHORIZED' | 'ERR_DENIED'>> = {
  ENEEDAUTH: 'ERR_UNAUTHORIZED',
  E401: 'ERR_UNAUTHORIZED',
  EOTP: 'ERR_UNAUTHORIZED',
  E403: 'ERR_DENIED',
}

function refused(args: readonly string[], code: string, summary: string): WaybillError {
  const words = args.slice(0, 2).join(' ')
  const message = `npm ${words}: ${summary === '' ? code : `${summary} (${code})`}`
  return new WaybillError(CODES[code] ?? 'ERR_UNKNOWN_STATE', message, {
    hint: 'Check the registry, the network and the token (npm whoami), and run the same again.',
    outcome: 'unknown',
    details: { code },
  })
}

/** Whether npm refused for want of credentials. */
export function wantsLogin(error: unknown): boolean {
  return isWaybillError(error, 'ERR_UNAUTHORIZED')
}

/** A digest from Subresource Integrity, the form in which npm names a packed file: `sha512-` and base64. */
export function digestOfIntegrity(integrity: string): Digest {
  const [, algorithm, encoded = ''] = /^(sha256|sha512)-([A-Za-z0-9+/]+=*)$/.exec(integrity) ?? []
  if (algorithm !== undefined)
    return `${algorithm}:${Buffer.from(encoded, 'base64').toString('hex')}` as Digest
  throw new WaybillError(
    'ERR_INVALID_DIGEST',
    `Expected an integrity of sha512 or sha256, found "${integrity.slice(0, 120)}"`,
  )
}
