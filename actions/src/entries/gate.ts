import { start } from '../start.ts'

await start('gate', () => import('../actions/gate.ts'))
