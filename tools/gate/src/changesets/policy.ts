/** Changesets' rules: what the files in `.changeset` say, and nothing else. */
export interface ChangesetsPolicy {
  readonly kind: 'changesets'
  readonly name: string
}

/** changesets without configuration. */
export const changesets: ChangesetsPolicy = { kind: 'changesets', name: 'changesets' }
