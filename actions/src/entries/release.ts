import { start } from '../start.ts'

await start('release', () => import('../actions/release.ts'))
