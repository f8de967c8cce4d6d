type Environment = Readonly<Record<string, string | undefined>>

const SECRET_NAME =
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|KEY|AUTH|COOKIE|WEBHOOK|BEARER|JWT|DSN|CONNECTION|CONN_STR|DATABASE_UR[IL]|PWD$|_PAT$|(?:^|_)(?:PASS|SAS)(?:_|$)/i
// Names with such a word in them whose values are no secrets.
const PUBLIC_NAME = /AUTHOR|SSH_AUTH_SOCK|KEYBOARD|KEYMAP|_KEYRING$|PUBLIC_KEY|^(?:OLD)?PWD$/i
// Shorter values are words of any output.
const SHORTEST = 6
// As a whole argument or line, where nothing else can be meant.
const SHORTEST_WHOLE = 3
// Of a part that was found in something else, which may be a word by chance.
const SHORTEST_LINE = 12

/**
 * Makes a function that masks the secrets of an environment in a text: values of variables whose names say so; whatever the name, passwords and tokens
 * in addresses, headers and settings (`password=…`); what a docker configuration holds; each line of a key; all of these in base64 (in lines too), hex
 * and percent-encoded. A text that is a secret and nothing else is masked however short it is, from three characters.
 */
export function secretMask(env: Environment): (text: string) => string {
  const secrets = new Set(
    Object.entries(env).flatMap(([name, value = '']) => secretsOf(name, value)),
  )
  const forms = [...secrets].flatMap(formsOf).filter((form) => form.length >= SHORTEST)
  // The longest first: one may be a part of another.
  const ordered = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  return (text) =>
    text.length >= SHORTEST_WHOLE && secrets.has(text)
      ? '***'
      : ordered.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}

/** Whether the name of a variable says that its value is a secret. */
export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(name) && !PUBLIC_NAME.test(name)

function secretsOf(name: string, value: string): string[] {
  const passwords = [...passwordsIn(value), ...settingsIn(value)]
  if (!isSecretName(name)) return passwords
  const lines = value.split('\n').filter((line) => line.trim().length >= SHORTEST_LINE)
  return [value, ...lines.map((line) => line.trim()), ...passwords, ...inDockerConfig(value)]
}

// `postgres://user:password@host/db`, in a variable of any name.
function passwordsIn(value: string): string[] {
  const found = value.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s/]+)@/gi)
  const tokens = value.matchAll(/https?:\/\/([^\s:@/]{12,})@/gi)
  return [...found, ...tokens].flatMap(([, password]) => [password!, decoded(password!)])
}

const SETTING =
  /(?:authorization|api[-_]?key|account ?key|access[-_]?key|shared ?access ?(?:key|signature)|password|passwd|pwd|token|secret)["']?\s*[:=]\s*["']?(?:(basic|bearer|token)\s+)?([^\s"',;&]+)/gi

// `AUTHORIZATION: basic …` in GIT_CONFIG_VALUE_0, `password=…` in a connection string, `api-key=…` among headers.
function settingsIn(value: string): string[] {
  return [...value.matchAll(SETTING)].flatMap(([, scheme = '', secret = '']) =>
    /basic/i.test(scheme) ? [secret, passwordOf(secret)] : [secret],
  )
}

// Basic authentication: user and password in base64.
function passwordOf(encoded: string): string {
  const plain = Buffer.from(encoded, 'base64').toString('utf8')
  return plain.slice(plain.indexOf(':') + 1)
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
    const own = typeof auth === 'string' ? passwordOf(auth) : ''
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
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    ...percentOf(secret),
    ...base64Of(secret),
    ...base64Lines(secret),
  ]
}

// RFC 3986 leaves fewer characters alone than JavaScript does; forms write a blank as a plus; both cases of hex digits are in use.
function percentOf(secret: string): string[] {
  const plain = encodeURIComponent(Buffer.from(secret).toString('utf8'))
  const strict = plain.replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return [plain, strict]
    .flatMap((one) => [one, one.replaceAll('%20', '+')])
    .flatMap((one) => [one, one.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())])
}

// base64(1) breaks lines after 76 characters, PEM after 64.
function base64Lines(secret: string): string[] {
  const whole = Buffer.from(secret).toString('base64')
  return [76, 64].flatMap((columns) =>
    whole.length <= columns
      ? []
      : (whole.match(new RegExp(`.{${SHORTEST_LINE},${columns}}`, 'g')) ?? []),
  )
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
