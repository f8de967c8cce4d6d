import { start } from '../start.ts'

await start('version', () => import('../actions/version.ts'))
