import { start } from '../start.ts'

await start('verify', () => import('../actions/verify.ts'))
