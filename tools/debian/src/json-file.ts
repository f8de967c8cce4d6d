import { readFile } from 'node:fs/promises'

/** Reads JSON this package wrote into its cache; undefined where there is none or it is damaged. */
export async function readJsonFile<Value>(path: string): Promise<Value | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Value
  } catch {
    return undefined
  }
}
