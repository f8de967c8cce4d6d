export { parseDefinition } from './definition/parse.ts'
export { readDefinition } from './definition/read.ts'
export { defineRelease } from './definition/types.ts'
