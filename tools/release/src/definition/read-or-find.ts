import { dirname } from 'node:path'
import { createContext, isWaybillError } from '@waybill/core'
import { findComponents } from '@waybill/version'
import { definitionAbove, readDefinition, type ReadDefinitionOptions } from './read.ts'
import type { Definition } from './types.ts'

/** Reads the definition; undefined where the repository has none and none was named. */
export async function readDefinitionIfAny(
  options: ReadDefinitionOptions,
): Promise<Definition | undefined> {
  try {
    return (await readDefinition(options)).definition
  } catch (error) {
    if (options.config === undefined && isWaybillError(error, 'ERR_NO_DEFINITION')) return undefined
    throw error
  }
}

/** Reads the definition, or makes one of the components that the repository itself shows, and says so. It names no place to publish to. */
export async function readOrFindDefinition(options: ReadDefinitionOptions): Promise<Definition> {
  const definition = await readDefinitionIfAny(options)
  if (definition !== undefined) return definition
  const components = await findComponents(options)
  const shown = components.map(({ name, path, tag }) => `${name} (in ${path}, ${tag})`)
  const { cwd, logger } = createContext(options)
  logger.info(`no definition: found by tags and workspaces: ${shown.join(', ')}`)
  const above = definitionAbove(cwd)
  if (above !== undefined)
    logger.warn(`${above} is not read: run waybill there, or say --cwd ${dirname(above)}`)
  return {
    schemaVersion: 1,
    components: Object.fromEntries(components.map(({ name, path, tag }) => [name, { path, tag }])),
  }
}
