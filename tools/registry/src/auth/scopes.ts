export type Action = 'pull' | 'push' | 'delete'

/** What a token shall allow: actions by repository. */
export type Scopes = ReadonlyMap<string, ReadonlySet<Action>>

const ORDER: readonly Action[] = ['pull', 'push', 'delete']

/** The scope of one repository. */
export function scopeOf(repository: string, ...actions: readonly Action[]): Scopes {
  return new Map([[repository, new Set(actions)]])
}

/** All of several scopes, actions of one repository merged; the first one's repositories come first, since some servers read only the first. */
export function unionOf(...all: readonly Scopes[]): Scopes {
  const union = new Map<string, Set<Action>>()
  for (const scopes of all) {
    for (const [repository, actions] of scopes)
      union.set(repository, new Set([...(union.get(repository) ?? []), ...actions]))
  }
  return union
}

/** Whether `have` allows all that `want` asks. */
export function covers(have: Scopes, want: Scopes): boolean {
  return [...want].every(([repository, actions]) =>
    [...actions].every((action) => have.get(repository)?.has(action) === true),
  )
}

/** As a token is asked for: `repository:acme/scim:pull,push`. Docker token specification, "Requesting a token". */
export function formatScopes(scopes: Scopes): string[] {
  return [...scopes].map(([repository, actions]) => {
    const sorted = ORDER.filter((action) => actions.has(action))
    return `repository:${repository}:${sorted.join(',')}`
  })
}

/** Reads a challenge's scope; what is not of a repository is left out. */
export function parseScopes(text: string): Scopes {
  const parsed = text.split(/\s+/).map((one) => /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(one))
  const scopes = parsed
    .filter((match) => match !== null)
    .map(([, repository = '', actions = '']) => {
      const known = actions.split(',').filter((action) => ORDER.includes(action as Action))
      return scopeOf(repository, ...(actions.includes('*') ? ORDER : (known as Action[])))
    })
  return unionOf(...scopes)
}
