import { createContext, inStep, type Content, type Destination, type Progress } from '@waybill/core'
import { checkContent } from './check-content.ts'
import { asUnknownAnswer, asUnknownState } from './errors.ts'
import type { RepositoryClient } from './place.ts'
import { putContent, type PutContentResult } from './put-content.ts'
import { repositoryClient, type RepositoryOptions } from './repository.ts'
import { observe, readName, restoreName, setName } from './names.ts'
import { readTagList } from './tag-lists.ts'
import { cancelSession, openSession } from './upload-session.ts'

/**
 * A repository as a place a release is published to.
 * @throws {ERR_INVALID_REFERENCE}
 */
export function destination(reference: string, options: RepositoryOptions = {}): Destination {
  const place = repositoryClient(reference, options, true)
  const { progress } = createContext(options)
  // What was seen or acknowledged here, so that reading back asks only for the rest.
  const known = new WeakMap<Content, ReadonlySet<string>>()
  const own = place.host.signal
  let allowed = false
  return {
    name: place.name,
    kind: 'oci',
    required: options.required ?? true,
    wanted: (content) => content.subject.digest,
    // A plan asks, and the publishing of it a moment later; a right that is lost meanwhile is missed before anything is visible.
    async preflight(signal = own) {
      if (!allowed) await preflight(place, signal)
      allowed = true
    },
    async names(signal = own) {
      const list = await found(readTagList(place, signal), `What tags ${place.name} has`)
      return list.kind === 'complete' ? list.tags : []
    },
    read: (name, signal = own) => readName(place, name, signal),
    async missing(digests, signal = own) {
      const { missingBelow } = await import('./missing-below.ts')
      return found(missingBelow(place, digests, signal), `What ${place.name} holds`)
    },
    observe: (name, signal = own) => observe(place, name, signal),
    async put(content, signal = own) {
      const result = await put(place, content, progress, signal)
      known.set(content, result.known)
      return result.report
    },
    check: (content, signal = own) =>
      checkContent(place, content, { signal, known: known.get(content) ?? new Set() }),
    set: (name, digest, { content, previous, looked }, signal = own) =>
      setName(place, { name, digest, content, previous, looked }, signal),
    restore: (name, digest, signal = own) => restoreName(place, name, digest, signal),
  }
}

// The right to push is shown by opening an upload, which is then cancelled.
async function preflight(place: RepositoryClient, signal: AbortSignal): Promise<void> {
  const what = `Whether ${place.name} may be pushed to`
  const session = await openSession(place, signal).catch((error: unknown) => {
    throw asUnknownState(error, what)
  })
  // A registry may not let an upload be cancelled; it forgets it by itself then.
  await cancelSession(session, signal).catch(() => {})
}

const note = ({ report }: PutContentResult): string =>
  `${report.uploaded} uploaded, ${report.mounted} mounted, ${report.present} there`

function put(
  place: RepositoryClient,
  content: Content,
  progress: Progress,
  signal: AbortSignal,
): Promise<PutContentResult> {
  return inStep(
    progress,
    `Pushing to ${place.name}`,
    (step) => {
      let done = 0
      const onBytes = (count: number): void => step.update({ done: (done += count), unit: 'bytes' })
      return putContent(place, content, { signal, onBytes })
    },
    note,
  )
}

async function found<Found>(asking: Promise<Found>, what: string): Promise<Found> {
  try {
    return await asking
  } catch (error) {
    throw asUnknownAnswer(error, what)
  }
}
