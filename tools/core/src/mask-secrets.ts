type Environment = Readonly<Record<string, string | undefined>>

const SECRET_NAME =
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|KEY|AUTH|DSN$|CONNECTION|CONN_STR|DATABASE_UR[IL]/i
// Names with AUTH or KEY in them whose values are no secrets.
const PUBLIC_NAME = /AUTHOR|SSH_AUTH_SOCK|KEYBOARD|KEYMAP|_KEYRING$|PUBLIC_KEY/i
// Shorter values are words of any output.
const SHORTEST = 6
// Of a part that was found in something else, which may be a word by chance.
const SHORTEST_LINE = 12

/**
 * Makes a function that masks the secrets of an environment in a text: values of variables whose names say so, passwords in addresses whatever the name,
 * what a docker configuration in a variable holds, each line of a key, and all of these in base64 and percent-encoded.
 */
export function secretMask(env: Environment): (text: string) => string {
  const secrets = new Set(
    Object.entries(env).flatMap(([name, value = '']) => secretsOf(name, value)),
  )
  const forms = [...secrets].flatMap(formsOf).filter((form) => form.length >= SHORTEST)
  // The longest first: one may be a part of another.
  const ordered = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  return (text) => ordered.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}

function secretsOf(name: string, value: string): string[] {
  const passwords = passwordsIn(value)
  const isSecret = SECRET_NAME.test(name) && !PUBLIC_NAME.test(name)
  if (!isSecret) return passwords
  const lines = value.split('\n').filter((line) => line.trim().length >= SHORTEST_LINE)
  return [value, ...lines.map((line) => line.trim()), ...passwords, ...inDockerConfig(value)]
}

// `postgres://user:password@host/db`, in a variable of any name.
function passwordsIn(value: string): string[] {
  const found = value.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s/]+)@/gi)
  return [...found].flatMap(([, password]) => [password!, decoded(password!)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

interface DockerAuth {
  readonly auth?: unknown
  readonly password?: unknown
  readonly identitytoken?: unknown
  readonly registrytoken?: unknown
}

// DOCKER_AUTH_CONFIG and its like: `auth` is user and password in base64.
function inDockerConfig(value: string): string[] {
  if (!value.trimStart().startsWith('{')) return []
  const auths = Object.values(parsed(value)?.auths ?? {})
  return auths.flatMap((entry) => {
    const { auth, password, identitytoken, registrytoken } = (entry ?? {}) as DockerAuth
    const plain = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : ''
    const own = plain.slice(plain.indexOf(':') + 1)
    return [auth, password, identitytoken, registrytoken, own].filter(
      (one) => typeof one === 'string',
    )
  })
}

function parsed(text: string): { readonly auths?: Readonly<Record<string, unknown>> } | null {
  try {
    return JSON.parse(text) as { readonly auths?: Readonly<Record<string, unknown>> } | null
  } catch {
    return null
  }
}

function formsOf(secret: string): string[] {
  if (secret.length < SHORTEST) return []
  const encoded = encodeURIComponent(secret)
  return [secret, encoded, JSON.stringify(secret).slice(1, -1), ...base64Of(secret)]
}

// Within something longer a text begins at one of three places of a group; what its neighbours share is left out.
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
    const sure = whole
      .toString('base64')
      .slice([0, 2, 3][offset], Math.floor((whole.length * 8) / 6))
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')].filter((form) => form.length >= 8)
  })
}

const SECRET_OPTION =
  /^--?(?:[\w-]*(?:password|passwd|passphrase|token|secret|credential|api-?key|auth(?!or))[\w-]*|p)$/i

/** Arguments of a program as they may be shown: the values of options that carry secrets by their names (`--password X`, `--token=X`, `-p X`) are masked. */
export function maskArguments(args: readonly string[]): string[] {
  return args.map((arg, at) => {
    const before = args[at - 1]
    if (before !== undefined && SECRET_OPTION.test(before) && !arg.startsWith('-')) return '***'
    const equals = arg.indexOf('=')
    const isSecret = equals > 0 && SECRET_OPTION.test(arg.slice(0, equals))
    return isSecret ? `${arg.slice(0, equals)}=***` : arg
  })
}
