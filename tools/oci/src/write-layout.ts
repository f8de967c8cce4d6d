import { existsSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createContext, inStep, type Content, type ContextOptions } from '@waybill/core'
import { pushContent } from './content.ts'
import { openLayout, type Layout } from './layout.ts'
import { assertGoing, untilCancelled } from './until-cancelled.ts'

export interface WriteLayoutOptions extends ContextOptions {
  /** What the image is called in the layout. @default without a name */
  readonly reference?: string
}

/**
 * Writes content, whole, as an OCI layout, or adds it to the one that is there. Base layers that are elsewhere are fetched.
 * What is there already is checked and not written again.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING} {ERR_DISK_FULL} {ERR_NOT_WRITABLE} {ERR_CANCELLED}
 */
export async function writeLayout(
  content: Content,
  folder: string,
  options: WriteLayoutOptions = {},
): Promise<Layout> {
  const { progress, signal } = createContext(options)
  const isNew = !existsSync(join(folder, 'oci-layout'))
  const work = inStep(progress, `write ${folder}`, async (step) => {
    const layout = await openLayout(folder, { create: true })
    const total = content.blobs.length + content.manifests.length
    let done = 0
    await pushContent(content, async (descriptor, open) => {
      await layout.push(descriptor, () => untilCancelled(open(), signal))
      step.update({ done: ++done, total })
    })
    assertGoing(signal)
    await layout.add(content.subject, options.reference)
    return layout
  })
  return work.catch(async (error: unknown) => {
    if (isNew) await removeUnlisted(folder)
    throw error
  })
}

// A layout that was begun here and lists nothing is of no use to anybody.
async function removeUnlisted(folder: string): Promise<void> {
  const layout = await openLayout(folder).catch(() => undefined)
  const index = await layout?.readIndex().catch(() => undefined)
  if (index !== undefined && index.manifests.length > 0) return
  for (const name of ['blobs', 'index.json', 'oci-layout'])
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {})
  await rmdir(folder).catch(() => {}) // other things may lie in it
}
