import { start } from '../start.ts'

await start('image', () => import('../actions/image.ts'))
