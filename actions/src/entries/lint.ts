import { start } from '../start.ts'

await start('lint', () => import('../actions/lint.ts'))
