import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createContext, type ContextOptions } from '@waybill/core'
import { openLayout, type Base } from '@waybill/oci'
import type { RegistryValues } from './options.ts'

/** What a command was given to find an image with. */
export type ImageAccess = ContextOptions & RegistryValues

/** Opens what `--base` names: `scratch`, a folder with an OCI layout, or a reference, whose tag is resolved once to its digest. */
export async function openBase(reference: string, access: ImageAccess): Promise<Base | 'scratch'> {
  if (reference === 'scratch') return reference
  return openImage(reference, access)
}

/** Opens an image: a folder with an OCI layout, or a reference in a registry. */
export async function openImage(reference: string, access: ImageAccess): Promise<Base> {
  const { cwd } = createContext(access)
  const folder = resolve(cwd, reference)
  if (existsSync(join(folder, 'oci-layout'))) {
    const layout = await openLayout(folder)
    return { reference, descriptor: await layout.resolve(''), source: layout }
  }
  const { resolveImage } = await import('@waybill/registry')
  return resolveImage(reference, access)
}
