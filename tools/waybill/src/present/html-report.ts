import type { Published } from '../release/line.ts'
import type { ReleaseReport } from './release-report.ts'
import { artifactRows, imageRows, nameRows, proofRows } from './release-report.ts'
import { seconds, short } from './units.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}
td{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}td,th{border-color:#333}}`

/** A release as one HTML file without any other: no script, no font, no request. */
export function htmlReport({ components, stages }: ReleaseReport): string {
  const sections = components.flatMap((component) => {
    const { release, commits } = component.decision
    return [
      `<h1>${escape(release.component)} ${escape(release.version)}</h1>`,
      `<p>Tag ${escape(release.tag)} on commit <code>${escape(release.commit)}</code></p>`,
      section(
        'Why',
        ['commit', 'bump', 'subject', 'reason'],
        commits.map((commit) => [short(commit.commit), commit.bump, commit.subject, commit.reason]),
      ),
      section('Files', ['name', 'platform', 'size', 'digest'], artifactRows(component)),
      ...component.images.flatMap((image) => [
        section('Image', ['image', 'platform', 'digest', 'layers', 'size'], imageRows(image)),
        section(
          'Proof of identity',
          ['verdict', 'platform', 'path', 'in the image', 'released as'],
          proofRows(image.plan.proof),
        ),
        names(image),
      ]),
      ...(component.files === undefined ? [] : [names(component.files)]),
    ]
  })
  const times = section(
    'Stages',
    ['stage', 'time'],
    stages.map(({ stage, duration }) => [stage, seconds(duration)]),
  )
  const title = components
    .map(({ decision }) => `${decision.release.component} ${decision.release.version}`)
    .join(', ')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
${[...sections, times].join('\n')}
</body></html>
`
}

const names = (published: Published): string =>
  section('Names', ['destination', 'name', 'kind', 'digest', 'outcome'], nameRows(published))

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
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
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
