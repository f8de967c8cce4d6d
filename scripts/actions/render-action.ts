import type { Action, Input } from 'waybill-actions/types'
import { kinds } from 'waybill-actions/kinds'

// JSON's strings are YAML's too.
const text = JSON.stringify

/** The action.yml of an action. */
export function renderAction(name: string, action: Action): string {
  const inputs = Object.entries(action.inputs).flatMap(renderInput)
  const outputs = Object.entries(action.outputs).flatMap(([output, description]) => [
    `  ${output}:`,
    `    description: ${text(description)}`,
  ])
  const post =
    action.post === true ? [`  post: ../dist/${name}-post.js`, '  post-if: always()'] : []
  return [
    '# Made from actions/src/interface.ts by `npm run actions`.',
    `name: Waybill ${name}`,
    `description: ${text(action.description)}`,
    'inputs:',
    ...inputs,
    'outputs:',
    ...outputs,
    'runs:',
    '  using: node24',
    `  main: ../dist/${name}.js`,
    ...post,
    '',
  ].join('\n')
}

function renderInput([name, input]: [string, Input]): string[] {
  return [
    `  ${name}:`,
    `    description: ${text(`${input.description} (${expected(input)})`)}`,
    ...(input.required === true ? ['    required: true'] : []),
    ...(input.default === undefined ? [] : [`    default: ${text(input.default)}`]),
  ]
}

/** What an input must look like, in words. */
export const expected = ({ kind, list }: Input): string =>
  list === true ? `${kinds[kind].says}; one a line` : kinds[kind].says
