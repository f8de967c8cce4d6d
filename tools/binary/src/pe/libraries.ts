import { invalidBinary } from '../invalid.ts'
import { peOffset, type Pe } from './headers.ts'

const MAX_LIBRARIES = 4096

/** Reads the names of the DLLs that a file imports, those loaded late last. @throws {ERR_INVALID_BINARY} */
export async function readImports(pe: Pe): Promise<string[]> {
  const direct = await readTable(pe, { directory: 1, size: 20, name: 12 })
  const late = await readTable(pe, { directory: 13, size: 32, name: 4 })
  return [...new Set([...direct, ...late])]
}

interface Table {
  readonly directory: number
  /** Of one entry. */
  readonly size: number
  /** Where in an entry the name's address stands. */
  readonly name: number
}

async function readTable(pe: Pe, table: Table): Promise<string[]> {
  const [address = 0] = pe.directories[table.directory] ?? []
  if (address === 0) return []
  const start = peOffset(pe, address, 'the imports')
  const names: string[] = []
  for (let index = 0; index < MAX_LIBRARIES; index++) {
    const entry = await pe.view(start + index * table.size, table.size, 'the imports')
    const name = entry.u32(table.name)
    if (name === 0) return names
    names.push(await pe.pages.cstring(peOffset(pe, name, 'the imports'), 'the imports'))
  }
  throw invalidBinary(`the imports: more than ${MAX_LIBRARIES}`)
}

/** The name a DLL gives itself in its export directory, or null. */
export async function readExportName(pe: Pe): Promise<string | null> {
  const [address = 0, size = 0] = pe.directories[0] ?? []
  if (address === 0 || size < 40) return null
  const table = await pe.view(peOffset(pe, address, 'the exports'), 40, 'the exports')
  const name = table.u32(12)
  return name === 0 ? null : pe.pages.cstring(peOffset(pe, name, 'the exports'), 'the exports')
}

const CODEVIEW = 2
const RSDS = 0x5344_5352

/** The id that ties a file to its PDB: GUID and age as hex, or null. */
export async function readPdbId(pe: Pe): Promise<string | null> {
  const [address = 0, size = 0] = pe.directories[6] ?? []
  if (address === 0) return null
  const start = peOffset(pe, address, 'the debug directory')
  for (let index = 0; index < Math.min(16, Math.floor(size / 28)); index++) {
    const entry = await pe.view(start + index * 28, 28, 'the debug directory')
    if (entry.u32(12) !== CODEVIEW || entry.u32(16) < 24) continue
    const data = await pe.view(entry.u32(24), 24, 'the CodeView record')
    if (data.u32(0) === RSDS) return Buffer.from(data.bytes.subarray(4, 24)).toString('hex')
  }
  return null
}
