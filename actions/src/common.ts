import type { Input } from './types.ts'

// What several actions have in common; a part of interface.ts.

/** Where to work. */
export const folder = {
  'working-directory': {
    kind: 'path',
    description: 'The folder to work in, relative to the workspace.',
    default: '.',
  },
} as const satisfies Record<string, Input>

/** Where to work, and by which definition. */
export const definition = {
  ...folder,
  config: {
    kind: 'path',
    description: 'The definition. Without it: waybill.yaml, .yml, .json or .mjs.',
  },
} as const satisfies Record<string, Input>

/** Whether a definition may run where it is only read. */
export const code = {
  'allow-code': {
    kind: 'flag',
    description: 'Run a definition that is a program (.mjs). Only for commits you trust.',
    default: 'false',
  },
} as const satisfies Record<string, Input>

/** Which component. */
export const component = {
  component: { kind: 'text', description: 'Only this component. Without it: all of them.' },
} as const satisfies Record<string, Input>

/** How registries are reached. */
export const registry = {
  'plain-http': {
    kind: 'host',
    list: true,
    description: 'Hosts to talk http to, one a line. Loopback needs no mention.',
  },
  'ca-file': {
    kind: 'path',
    description: 'Certificates (PEM) to trust beside the built-in ones.',
  },
} as const satisfies Record<string, Input>

/** Where files are written. */
export const out = {
  out: { kind: 'path', description: 'Where files are written.', default: 'dist' },
} as const satisfies Record<string, Input>

/** What of a release is due, as outputs. */
export const due = {
  release: 'Whether a release is due: true or false.',
  version: 'The version that is due. Empty when there is none, or more than one.',
  tag: 'Its git tag. Empty when there is none, or more than one.',
  commit: 'The commit that is released. Empty when there is none.',
  matrix: 'For `strategy.matrix`: `include` with `id`, `component`, `platform`, `required` a cell.',
  cells: 'How many cells the matrix has: 0 when there is nothing to build.',
  reasons: 'Every commit and why it releases or not, as text.',
  plan: 'The release plan as JSON.',
} as const
