import { WaybillError } from '@waybill/core'
import type { TarHeader } from '@waybill/archive'

/** How much of an image's files may be held at once: members, the folders they imply, and the text of their names. */
export interface TreeBudget {
  member(header: TarHeader): void
  folder(): void
}

// More than the largest images that programs are released upon; a member costs half a kilobyte and more here.
const MAX_MEMBERS = 400_000
const MAX_TEXT = 64 * 1024 * 1024
// What Linux takes for a path, twice over.
const LONGEST_PATH = 8192

/** Opens the room. @throws {ERR_TOO_LARGE} from its functions */
export function createTreeBudget(): TreeBudget {
  let nodes = 0
  let text = 0
  const folder = (): void => {
    if (++nodes > MAX_MEMBERS) throw tooLarge(`more than ${MAX_MEMBERS} files and folders`)
  }
  return {
    folder,
    member({ path, linkname = '' }) {
      folder()
      const length = path.length + linkname.length
      text += length
      if (length > LONGEST_PATH) throw tooLarge(`a path of more than ${LONGEST_PATH} characters`)
      if (text > MAX_TEXT) throw tooLarge(`names of more than ${MAX_TEXT} characters`)
    },
  }
}

function tooLarge(what: string): WaybillError {
  return new WaybillError('ERR_TOO_LARGE', `The layers hold ${what}`, {
    hint: 'No image needs that much; check who wrote it.',
  })
}
