import { start } from '../start.ts'

await start('plan', () => import('../actions/plan.ts'))
