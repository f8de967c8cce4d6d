import { start } from '../start.ts'

await start('build', () => import('../actions/build.ts'))
