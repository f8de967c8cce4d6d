/** Recognises the heading of a version's section in a changelog: `## 1.2.0`, `## [1.2.0](…) - 2026-11-21`, `# v1.2.0`. */
export function headingOf(label: string): RegExp {
  const escaped = label.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
  return new RegExp(`^##?[ \\t]+\\[?v?${escaped}(?![\\w.+-])`, 'm')
}

/** What a changelog says of a version, without its heading; undefined where it says nothing. Pure. */
export function sectionOf(text: string, version: string): string | undefined {
  const start = headingOf(version).exec(text)
  if (start === null) return undefined
  const [heading = '', ...lines] = text.slice(start.index).split(/\r?\n/)
  const level = heading.startsWith('##') ? /^##?[ \t]/ : /^#[ \t]/
  const end = lines.findIndex((line) => level.test(line) || /^\[[^\]]+\]:[ \t]/.test(line))
  const section = lines
    .slice(0, end === -1 ? lines.length : end)
    .join('\n')
    .trim()
  return section === '' ? undefined : `${section}\n`
}
