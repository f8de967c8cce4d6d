type Environment = Readonly<Record<string, string | undefined>>

// What tools cannot do without on one system or the other; none of it shapes what they make.
const NEEDED = ['PATH', 'HOME', 'SYSTEMROOT', 'TEMP', 'TMP', 'TMPDIR', 'USERPROFILE', 'PATHEXT']
const NETWORK = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy']
const TRUST = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'CARGO_HTTP_CAINFO',
  'DENO_CERT',
]

/**
 * The whole environment of a compiler: what it needs to run and to fetch its dependencies, the release's time, and what was declared.
 * A machine's CFLAGS, GOFLAGS, RUSTFLAGS, locale and time zone stay outside.
 */
export function closedEnvironment(
  outside: Environment,
  created: number,
  declared: Environment,
): Environment {
  const passed = [...NEEDED, ...TRUST, ...NETWORK, ...NETWORK.map((name) => name.toUpperCase())]
    .filter((name) => outside[name] !== undefined)
    .map((name) => [name, outside[name]] as const)
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH: String(created),
    ...declared,
  }
}

/** Picks variables that are set. */
export function pick(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  )
}
