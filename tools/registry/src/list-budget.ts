import { WaybillError } from '@waybill/core'

/** What a list of many pages may cost in sum: pages and their length, entries and their text, and time. */
export interface ListBudget {
  /** Takes the next page, before it is asked for. @throws {ERR_REGISTRY} */
  page(): void
  /** Takes the length of a page that has come. @throws {ERR_TOO_LARGE} */
  read(bytes: number): void
  /** Takes what a page brought that was not known before. @throws {ERR_TOO_LARGE} */
  entries(count: number, characters: number): void
}

// Repositories of 100,000 tags are real, of a million are not. Registries give a hundred a page or more; a long list of pages that bring
// less is one without end.
const FREE_PAGES = 1000
const PER_PAGE = 50
const MAX_ENTRIES = 500_000
const MAX_BYTES = 128 * 1024 * 1024
const MAX_CHARACTERS = 24 * 1024 * 1024
const LONGEST = 20 * 60_000

/** Opens the budget of a list. `what` begins the errors: `The tags of ghcr.io/acme/scim`. */
export function createListBudget(what: string): ListBudget {
  const started = performance.now()
  let pages = 0
  let read = 0
  let entries = 0
  let characters = 0
  return {
    page() {
      const isLean = ++pages > FREE_PAGES + entries / PER_PAGE
      if (isLean || performance.now() - started > LONGEST) throw endless(what)
    },
    read(bytes) {
      read += bytes
      if (read > MAX_BYTES) throw tooMany(what, `${MAX_BYTES} bytes`)
    },
    entries(count, length) {
      entries += count
      characters += length
      if (entries > MAX_ENTRIES) throw tooMany(what, `${MAX_ENTRIES} entries`)
      if (characters > MAX_CHARACTERS) throw tooMany(what, `${MAX_CHARACTERS} characters`)
    },
  }
}

function endless(what: string): WaybillError {
  return new WaybillError('ERR_REGISTRY', `${what} do not come to an end`, {
    hint: `Its pages bring hardly anything, or it takes more than ${LONGEST / 60_000} minutes; ask the people who run the registry.`,
    outcome: 'unknown',
  })
}

function tooMany(what: string, limit: string): WaybillError {
  return new WaybillError('ERR_TOO_LARGE', `${what}: more than ${limit}`, {
    hint: 'Remove old ones from the repository, or publish to another one; a list that is not read to its end says nothing.',
    outcome: 'unknown',
  })
}
