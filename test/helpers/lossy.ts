import { createHttpClient, type Destination, type ProvenImage, type Receipt } from '@waybill/core'
import { sealProof } from '@waybill/core/internal'
import { loadContent } from '@waybill/oci'
import { planPublish, publish } from '@waybill/publish'
import { destination, resolveImage } from '@waybill/registry'
import { startRegistry, type RegistryOptions, type TestRegistry } from '@waybill/testkit'
import type { TestImage } from './image.ts'
import { commitOf, lockFolder, release } from './release.ts'

/** The repository of a scene. */
export const NAME = 'acme/scim'

/** Registries in this process, and the repository in each. */
export interface Scene {
  readonly registries: readonly TestRegistry[]
  readonly to: Readonly<Record<string, Destination>>
  close(): Promise<void>
}

/** Starts registries; `close` ends them. */
export async function scene(count: number, options: RegistryOptions = {}): Promise<Scene> {
  const registries = await Promise.all(Array.from({ length: count }, () => startRegistry(options)))
  const env = {}
  const http = createHttpClient({ env })
  const to = Object.fromEntries(
    registries.map(({ address }, at) => [
      `r${at}`,
      destination(`${address}/${NAME}`, { env, http }),
    ]),
  )
  const close = async (): Promise<void> => {
    await Promise.all(registries.map((one) => one.close()))
    await http.close()
  }
  return { registries, to, close }
}

/** An image that says it is proved. */
export const proven = (image: TestImage): ProvenImage =>
  sealProof(image, { kind: 'waived', reason: 'a test' }, [])

/** Plans and publishes a version, as the command line does. */
export async function once(version: string, image: TestImage, to: Scene['to']): Promise<Receipt> {
  const content = proven(image)
  const plan = await planPublish(release(version, commitOf(version)), content, { to })
  return publish(plan, { content, to, lockFolder, justPlanned: true })
}

/** Brings content from a destination that has it. */
export const load = async ({ name }: Destination, digest: string) => {
  const { source, descriptor } = await resolveImage(`${name}@${digest}`, { env: {} })
  return loadContent(source, descriptor)
}

/** The codes of findings, in their order. */
export const codes = ({ findings }: { findings: readonly { code: string }[] }): readonly string[] =>
  findings.map(({ code }) => code)
