/** Text of several lines with all but the first indented, so that no text from elsewhere begins a line as Waybill's own do. */
export const indented = (text: string, by = '  '): string => text.replaceAll(/\r?\n/g, `\n${by}`)
