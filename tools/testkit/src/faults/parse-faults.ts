import { suggest, WaybillError } from '@waybill/core'
import { faultKinds, type Fault, type FaultKind, type Faults } from './fault.ts'

// kind[:value]@from[-[to]][:[METHOD][/path]]
const FAULT =
  /^(?<kind>[a-z0-9-]+)(?::(?<value>\d+))?@(?<at>\d+)(?<range>-(?<until>\d*))?(?::(?<method>[A-Z]*)(?<path>\/.*)?)?$/

/**
 * Reads faults from text: `drop@7`, `503@9-11`, `429:2@5` (Retry-After: 2), `delay:500@1-` (all from the first on),
 * `lose@2:PUT/manifests/` (the second PUT whose path contains `/manifests/`), with commas between them.
 * @throws {ERR_INVALID_FAULT}
 */
export function parseFaults(text: string): readonly Fault[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseFault)
}

/** Faults as data, whichever way they were given. */
export function toFaults(faults: Faults = []): readonly Fault[] {
  return typeof faults === 'string' ? parseFaults(faults) : faults.map(checked)
}

function parseFault(text: string): Fault {
  const found = FAULT.exec(text)?.groups
  if (found === undefined) throw invalidFault(`"${text}" does not read as kind@request`)
  const at = Number(found['at'])
  const { value, method, path, range, until } = found
  return checked({
    kind: found['kind'] as FaultKind,
    at,
    ...(range === undefined ? {} : { until: until === '' ? Infinity : Number(until) }),
    ...(value === undefined ? {} : { value: Number(value) }),
    ...(method === undefined || method === '' ? {} : { method }),
    ...(path === undefined ? {} : { path }),
  })
}

function checked(fault: Fault): Fault {
  const { kind, at = 1, until = at } = fault
  const named = (faultKinds as readonly string[]).includes(kind)
  if (!named && !/^[45]\d\d$/.test(kind)) {
    throw invalidFault(`the kind "${kind}" is unknown; ${suggest(kind, [...faultKinds, '503'])}`)
  }
  if (at >= 1 && until >= at) return fault
  throw invalidFault(`requests are counted from 1 upwards, found ${at} to ${until}`)
}

function invalidFault(what: string): WaybillError {
  return new WaybillError('ERR_INVALID_FAULT', `A fault cannot be read: ${what}`, {
    hint: 'For example drop@7, 503@9-11, 429:2@5, delay:500@1-, lose@2:PUT/manifests/ with commas between them.',
    outcome: 'usage',
  })
}
