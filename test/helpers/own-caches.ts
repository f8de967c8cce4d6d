// Tests neither fill nor find what is in the user's own caches. What compilers made of their libraries is shared all the same, since that takes minutes.
import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
const own = mkdtempSync(join(tmpdir(), 'waybill-own-'))
process.once('exit', () => rmSync(own, { recursive: true, force: true }))
process.env['GOCACHE'] ??= join(home, 'go-build')
process.env['ZIG_GLOBAL_CACHE_DIR'] ??= join(home, 'zig')
process.env['XDG_CACHE_HOME'] = join(own, 'cache')
process.env['XDG_STATE_HOME'] = join(own, 'state')
