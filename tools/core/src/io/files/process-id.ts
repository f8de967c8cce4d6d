import { readFileSync } from 'node:fs'

/** A process told apart from an earlier one of the same number: `<pid>-<start>`; where the start can't be read it is 0. */
export function processId(pid: number = process.pid): string {
  return `${pid}-${statOf(pid)?.started ?? 0}`
}

/** Whether the process still runs. One that was killed and not yet waited for is gone. */
export function isRunning(id: string): boolean {
  const [pid, started] = id.split('-').map(Number)
  if (pid === undefined || !Number.isInteger(pid) || pid <= 0 || !exists(pid)) return false
  const stat = statOf(pid)
  if (stat === undefined) return true
  return !'ZX'.includes(stat.state) && (started === 0 || stat.started === started)
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

// proc(5): the name in parentheses may hold anything; the state is the next field, the start time the twentieth after it.
function statOf(pid: number): { readonly state: string; readonly started: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0]!, started: Number(fields[19]) }
  } catch {
    return undefined
  }
}
