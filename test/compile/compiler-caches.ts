// A compiler believes what lies in its cache: it gets one that only this user wrote on this machine, or an empty one.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Artifact } from '@waybill/core'
import { command, compile, type CompileOptions, type Toolchain } from '@waybill/compile'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMachine, type Machine } from '../helpers/damage-cache.ts'
import { releaseOf } from '../helpers/compile.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('caches of compilers')
const program = readFileSync('/bin/true')

// As compilers do: what lies in the cache is taken for what it would make.
const believing: Toolchain = {
  ...command({ binary: 'tool', command: ['/bin/true'] }),
  name: 'believing',
  async build({ kept, sharedCache, output }) {
    const folders = [kept, await sharedCache('PRETENDED_CACHE', 'pretended')]
    const texts = folders.map((folder) => {
      const object = join(folder, 'object')
      if (!existsSync(object)) writeFileSync(object, 'source;')
      return readFileSync(object, 'utf8')
    })
    writeFileSync(output, Buffer.concat([program, Buffer.from(texts.join(''))]))
  },
}

const cwd = temporaryFolder('source')
let number = 0

// Another version each time, so that nothing that was built is found.
async function build(
  machine: Machine,
  more: Partial<CompileOptions> = {},
): Promise<{ text: string; artifact: Artifact }> {
  const { env, logger } = machine
  const out = temporaryFolder('out')
  const options = { cwd, env, logger, out, platforms: ['linux/amd64'], ...more }
  const [artifact] = await compile(releaseOf('tool', `1.0.${++number}`), believing, options)
  const bytes = readFileSync(join(out, artifact!.path))
  return { text: bytes.subarray(program.length).toString(), artifact: artifact! }
}

const keptOf = ({ cache }: Machine): string => join(cache, 'compile/kept')
const poison = (machine: Machine): void => {
  const kept = keptOf(machine)
  for (const name of readdirSync(kept)) writeFileSync(join(kept, name, 'object'), 'EVIL;')
}

const SOURCE = 'source;source;'

test('what this user left there is taken, and nothing is said of it', async () => {
  const machine = createMachine()
  assert.is((await build(machine)).text, SOURCE)
  // Whoever writes as this user may: the point is that it is taken.
  poison(machine)
  const { text, artifact } = await build(machine)
  assert.is(text, 'EVIL;EVIL;')
  assert.is(artifact.compilerCache, undefined)
  assert.equal(machine.said, [])
})

const restored: Readonly<Record<string, (machine: Machine, evil: Machine) => void>> = {
  'the folder alone, in an empty home': (machine, evil) => {
    mkdirSync(join(machine.cache, 'compile'), { recursive: true, mode: 0o700 })
    cpSync(keptOf(evil), keptOf(machine), { recursive: true })
  },
  'the whole cache, stamps too': (machine, evil) =>
    cpSync(evil.cache, machine.cache, { recursive: true }),
  'in the place of what was there': (machine, evil) => {
    rmSync(machine.cache, { recursive: true, force: true })
    cpSync(evil.cache, machine.cache, { recursive: true })
  },
  'the folder behind a link': (machine, evil) => {
    mkdirSync(keptOf(machine), { recursive: true, mode: 0o700 })
    for (const name of readdirSync(keptOf(evil)))
      symlinkSync(join(keptOf(evil), name), join(keptOf(machine), name))
  },
  'all of them behind a link': (machine, evil) => {
    mkdirSync(join(machine.cache, 'compile'), { recursive: true, mode: 0o700 })
    symlinkSync(keptOf(evil), keptOf(machine))
  },
}

for (const [what, restore] of Object.entries(restored))
  test(`what was restored is not taken: ${what}`, async () => {
    const [machine, evil] = [createMachine(), createMachine()]
    await build(evil)
    poison(evil)
    restore(machine, evil)
    assert.is((await build(machine)).text, SOURCE)
    assert.is((await build(machine)).text, SOURCE)
    assert.ok(machine.said.length <= 1, machine.said.join('\n'))
    assert.is((await build(evil)).text, 'EVIL;EVIL;', 'a link leads no emptying out of the cache')
  })

const changed: Readonly<Record<string, (folder: string, machine: Machine) => void>> = {
  'another folder in its place': (folder) => {
    renameSync(folder, `${folder}.old`)
    cpSync(`${folder}.old`, folder, { recursive: true })
  },
  'a folder that others may write to': (folder) => chmodSync(folder, 0o777),
  'a lost key': (_folder, { key }) => rmSync(key, { force: true }),
  'a lost stamp': (_folder, { cache }) =>
    rmSync(join(cache, 'compile/compilers'), { recursive: true, force: true }),
}

for (const [what, change] of Object.entries(changed))
  test(`nothing is taken from ${what}`, async () => {
    const machine = createMachine()
    await build(machine)
    poison(machine)
    const kept = keptOf(machine)
    for (const name of readdirSync(kept)) change(join(kept, name), machine)
    assert.is((await build(machine)).text, SOURCE)
  })

test('with WAYBILL_CACHE_KEY what was restored is taken, and the artifact says so', async () => {
  const [here, there] = [createMachine(), createMachine()]
  const secret = { WAYBILL_CACHE_KEY: 'a secret of this project' }
  const first = await build({ ...there, env: { ...there.env, ...secret } })
  assert.is(first.artifact.compilerCache, undefined)
  poison(there)
  cpSync(there.cache, here.cache, { recursive: true })
  const second = await build({ ...here, env: { ...here.env, ...secret } })
  assert.is(second.text, 'EVIL;EVIL;')
  assert.is(second.artifact.compilerCache, 'restored')
  const other = { WAYBILL_CACHE_KEY: 'another secret of theirs' }
  assert.is((await build({ ...here, env: { ...here.env, ...other } })).text, SOURCE)
})

test('a folder that the environment names is taken, and the artifact says so', async () => {
  const machine = createMachine()
  const named = temporaryFolder('named')
  const env = { ...machine.env, PRETENDED_CACHE: named }
  const { text, artifact } = await build({ ...machine, env })
  assert.is(text, SOURCE)
  assert.is(artifact.compilerCache, 'environment')
  assert.ok(existsSync(join(named, 'object')))
})

test('fresh takes nothing, whatever lies there', async () => {
  const machine = createMachine()
  await build(machine)
  poison(machine)
  const { text, artifact } = await build(machine, { fresh: true })
  assert.is(text, SOURCE)
  assert.is(artifact.compilerCache, undefined)
})

test('two checkouts do not share what goes by the times of files', async () => {
  const machine = createMachine()
  await build(machine)
  const before = readdirSync(keptOf(machine)).length
  await build(machine, { cwd: temporaryFolder('source') })
  assert.is(readdirSync(keptOf(machine)).length, before + 1)
})

test.run()
