import type { Action, Rule } from 'waybill-actions/types'
import { expected } from './render-action.ts'

const HEAD = `# The GitHub Actions of Waybill

<!-- Made from actions/src/interface.ts by \`npm run actions\`. -->

Node actions, thin over the library: one bundle in [\`dist\`](dist), no other download, no Docker. Four carry a release; six
more split it up. [\`docs/examples/hello/.github/workflows\`](../docs/examples/hello/.github/workflows) has whole workflows,
[the pipeline](../docs/pipeline.md#on-github) how they hang together.

\`\`\`yaml
- uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
  with: { fetch-depth: 0 }
- uses: acme/waybill/actions/gate@v1
  id: gate
\`\`\`

Every output is a string and always set, also when nothing releases or the step fails. No output holds the name of a
repository: GitHub drops outputs in which it finds a secret's value. A wrong input is an annotation that names it and says
what is valid; an input that no action has is one too. Findings are annotations, and the job's summary has the tables: why,
what was built, the proof of identity, every name. Nothing to release is green. A failed step can always be run again alone:
what stands is recognised by its digest, what is missing is written.
`

/** README.md of the actions. */
export function renderReadme(actions: Readonly<Record<string, Action>>): string {
  const tier = (wanted: Action['tier']): string =>
    Object.entries(actions)
      .filter(([, action]) => action.tier === wanted)
      .map(([name, action]) => renderOne(name, action))
      .join('\n')
  return `${HEAD}\n## Everyday\n\n${tier('everyday')}\n## Splitting\n\n${tier('splitting')}`
}

function renderOne(name: string, { description, inputs, outputs, rules = [] }: Action): string {
  const rows = Object.entries(inputs).map(([input, described]) => {
    const given = described.default === undefined ? '' : `\`${described.default}\``
    const value = described.required === true && given === '' ? 'required' : given
    return `| \`${input}\` | ${described.description} | ${cell(expected(described))} | ${value} |`
  })
  const results = Object.entries(outputs).map(([output, text]) => `| \`${output}\` | ${text} |`)
  return [
    `### ${name}`,
    '',
    description,
    '',
    '| input | | expected | default |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...rules.map((rule) => `${ruleText(rule)}\n`),
    '| output | |',
    '|---|---|',
    ...results,
    '',
  ].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)

const RULES = {
  exclusive: 'Give one at most of',
  together: 'Give all or none of',
  one: 'Give one of',
}

const ruleText = ({ kind, inputs }: Rule): string =>
  `${RULES[kind]} ${inputs.map((input) => `\`${input}\``).join(', ')}.`
