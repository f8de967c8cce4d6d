import { start } from '../start.ts'

await start('setup', () => import('../actions/setup.ts'))
