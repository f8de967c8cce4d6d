import { readdirSync, readlinkSync } from 'node:fs'

/** The files that a process has open (Linux); none once it has ended. */
export function openFiles(pid: number | 'self'): readonly string[] {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).map((name) => linkOf(`${folder}/${name}`))
  } catch {
    return []
  }
}

// The one that lists the folder is gone by then.
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
