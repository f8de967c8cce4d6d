import { visibleLine } from '@waybill/core'
import type { ReleaseReport } from './release-report.ts'
import { componentSections, stageSection, type ReportSection } from './report-sections.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}
td{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}td,th{border-color:#333}}`

/** A release as one HTML file without any other: no script, no font, no request. */
export function htmlReport(report: ReleaseReport): string {
  const parts = report.components.flatMap((component) => {
    const { release } = component.decision
    return [
      `<h1>${escape(release.component)} ${escape(release.version)}</h1>`,
      `<p>Tag ${escape(release.tag)} on commit <code>${escape(release.commit)}</code></p>`,
      ...componentSections(component).map(htmlSection),
    ]
  })
  const title = report.components
    .map(({ decision }) => `${decision.release.component} ${decision.release.version}`)
    .join(', ')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
${[...parts, htmlSection(stageSection(report))].join('\n')}
</body></html>
`
}

function htmlSection({ title, head, rows }: ReportSection): string {
  const cells = (tag: 'td' | 'th', row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`
  return `<h2>${escape(title)}</h2>\n<table>${cells('th', head)}\n${rows.map((row) => cells('td', row)).join('\n')}</table>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return visibleLine(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
