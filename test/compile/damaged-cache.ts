import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, compile } from '@waybill/compile'
import { testDamages } from '../helpers/damage-cache.ts'
import { releaseOf } from '../helpers/compile.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const cwd = temporaryFolder('source')
// A program of this machine, with the source behind it.
const script = (text: string): string =>
  `#!/bin/sh\ncat /bin/true >"$1" && printf '${text.padEnd(9000, '.')}' >>"$1"\n`

testDamages({
  name: 'a build',
  async make({ env, logger }, other = false) {
    writeFileSync(join(cwd, 'build.sh'), script(other ? 'evil' : 'hello'))
    chmodSync(join(cwd, 'build.sh'), 0o755)
    const toolchain = command({ binary: 'tool', command: ['./build.sh', '{output}'] })
    const out = temporaryFolder('out')
    const options = { cwd, env, logger, out, platforms: ['linux/amd64'] }
    const [artifact] = await compile(releaseOf('tool'), toolchain, options)
    return artifact!.digest
  },
})
