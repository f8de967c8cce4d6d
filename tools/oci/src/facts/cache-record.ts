import { canonicalJson, digestOf } from '@waybill/core'
import { readCacheFile, writeCacheFile } from './cache-file.ts'

const START = '{"check":"'
const MIDDLE = '","value":'

const check = (key: string, body: string): string => digestOf(`${key}\n${body}`)

/** Writes what a cache remembers under a key, with a checksum over both: damage, and a record that was meant for another key, are told apart from it. */
export async function writeRecord(path: string, key: string, value: unknown): Promise<void> {
  const body = canonicalJson(value)
  const text = `${START}${check(key, body)}${MIDDLE}${body}}`
  await writeCacheFile(path, [Buffer.from(text)])
}

/** What was remembered under a key; undefined where there is nothing, or nothing that was written so. */
export async function readRecord(path: string, key: string): Promise<unknown> {
  const text = (await readCacheFile(path))?.toString() ?? ''
  const at = text.indexOf(MIDDLE)
  const body = text.slice(at + MIDDLE.length, -1)
  if (text.slice(0, at) !== `${START}${check(key, body)}`) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
