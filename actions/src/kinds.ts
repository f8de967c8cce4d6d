/** What the text of an input must look like, and how that is said to people. */
export interface Kind {
  readonly says: string
  readonly matches: RegExp
}

const NAME = String.raw`[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?`

/** The kinds of inputs. A list of a kind has one on each line. */
export const kinds = {
  text: { says: 'text on one line', matches: /^[^\r\n]+$/ },
  message: { says: 'text', matches: /[^]/ },
  flag: { says: 'true or false', matches: /^(?:true|false)$/i },
  path: { says: 'a path', matches: /^[^\0\r\n]+$/ },
  version: {
    says: 'a semantic version such as 1.4.0 or 2.0.0-rc.1',
    matches: /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/,
  },
  commit: {
    says: 'a full commit name: 40 or 64 hex digits',
    matches: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  },
  digest: {
    says: 'a digest: sha256: and 64 hex digits',
    matches: /^sha256:[0-9a-f]{64}$/,
  },
  host: { says: 'a host such as ghcr.io or localhost:5000', matches: new RegExp(`^${NAME}$`) },
  repository: {
    says: 'a repository without tag or digest, such as ghcr.io/acme/hello',
    matches: new RegExp(String.raw`^${NAME}(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$`),
  },
  binary: {
    says: 'os/architecture=FILE, such as linux/amd64=dist/linux-amd64/hello',
    matches: /^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?=.+$/,
  },
  pair: { says: 'KEY=VALUE', matches: /^[^=\s][^=]*=[^\r\n]*$/ },
  inImage: { says: 'an absolute path such as /usr/local/bin/hello', matches: /^\/[^\0\r\n]*[^/]$/ },
  time: {
    says: '@SECONDS or a time such as 2026-11-21T12:00:00Z',
    matches: /^(?:@\d{1,12}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))$/i,
  },
  words: {
    says: 'a word, or a JSON array of words such as ["--port","80"]',
    matches: /^(?:[^[\r\n][^\r\n]*|\[\s*(?:"(?:[^"\\]|\\.)*"\s*(?:,\s*"(?:[^"\\]|\\.)*"\s*)*)?\])$/,
  },
  credential: { says: 'HOST USER PASSWORD', matches: /^\S+\s+\S+\s+\S/ },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds
