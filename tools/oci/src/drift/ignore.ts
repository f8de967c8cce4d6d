/** Whether something is declared to differ: `*` stands for anything but `/`, `**` for anything; a folder's name for all it holds. */
export function isIgnored(subject: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expressionOf(pattern).test(subject))
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/\/+$/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${source}(?:/.*)?$`, 's')
}
