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
  return inStep(progress, `write ${folder}`, async (step) => {
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
}
