import { start } from '../start.ts'

await start('publish', () => import('../actions/publish.ts'))
