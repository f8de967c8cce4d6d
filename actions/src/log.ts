import {
  debug,
  error,
  info as print,
  notice,
  warning,
  type AnnotationProperties,
} from '@actions/core'
import { logText, visibleLine } from '@waybill/core'
import type { Finding, Logger, Progress } from 'waybill'

/** Prints text of any origin: the runner takes no line of it for a command. */
export const info = (text: string): void => print(logText(text))

/** Words as the runner shows them: warnings and errors become annotations. */
export const logger: Logger = {
  debug: (text) => debug(logText(text)),
  info,
  warn: (text) => warning(logText(text)),
  error: (text) => error(logText(text)),
}

/** Each finished step as one line. */
export const progress: Progress = {
  start(title) {
    const started = performance.now()
    const end =
      (mark: string) =>
      (note?: string): void => {
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        const said = note === undefined ? '' : `  ${note}`
        info(visibleLine(`${mark} ${title}${said}  ${seconds} s`))
      }
    return { update: () => {}, succeed: end('✓'), fail: end('✗') }
  },
}

const annotate = { error, warning, note: notice } as const

/** Shows findings as annotations, at the file where they were made if there is one. */
export function annotateFindings(findings: readonly Finding[]): void {
  for (const { level, code, message, suggestion, where } of findings) {
    const commit = where?.commit === undefined ? '' : ` (commit ${where.commit.slice(0, 7)})`
    const text = [`${message}${commit}`, suggestion].filter((part) => part !== undefined)
    const properties: AnnotationProperties = {
      title: code,
      ...(where?.path === undefined ? {} : { file: visibleLine(where.path) }),
      ...(where?.line === undefined ? {} : { startLine: where.line }),
    }
    annotate[level](logText(text.join('\n')), properties)
  }
}
