import { WaybillError } from '@waybill/core'

/** Signatures of the records of a zip file. PKWARE APPNOTE 4.3. */
export const SIGNATURE = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  central: 0x02014b50,
  end: 0x06054b50,
} as const

/** The error for bytes that are no zip file, or a damaged or hostile one. */
export function invalidZip(message: string): WaybillError {
  return new WaybillError('ERR_INVALID_ZIP', `zip: ${message}`, {
    hint: 'The file is damaged or no zip file; make or fetch it again.',
  })
}

/** Seconds since 1970 as MS-DOS date and time, in UTC; what is before 1980 becomes its first second. */
export function toDosTime(seconds: number): number {
  const at = new Date(Math.max(seconds, 315_532_800) * 1000)
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)
  return date * 65_536 + time
}

/** The reverse; a date that is none is 1980. */
export function fromDosTime(dos: number): number {
  const [date, time] = [Math.floor(dos / 65_536), dos % 65_536]
  const year = 1980 + (date >> 9)
  const milliseconds = Date.UTC(
    year,
    ((date >> 5) & 15) - 1,
    date & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  )
  return milliseconds / 1000
}
