// The suite of the OCI itself, where OCI_CONFORMANCE names its binary: `go build` in the folder conformance of opencontainers/distribution-spec.
import { execFile } from 'node:child_process'
import { startRegistry, type RegistryOptions } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const binary = process.env['OCI_CONFORMANCE']
const test = suite('OCI conformance suite')
const opened = closingAfter(test)

interface Outcome {
  readonly exitCode: number
  readonly pass: number
  readonly fail: number
  readonly error: number
}

async function conform(options: RegistryOptions, env: Record<string, string>): Promise<Outcome> {
  const { address } = await opened(startRegistry(options))
  const asked = { OCI_REGISTRY: address, OCI_TLS: 'disabled', OCI_RESULTS_DIR: temporaryFolder() }
  return new Promise((resolve) => {
    const cwd = temporaryFolder()
    const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 300_000 }
    execFile(binary ?? '', [], { cwd, env: { ...asked, ...env }, ...limits }, (error, stdout) => {
      const count = (name: string): number =>
        Number(new RegExp(`^ *${name}\\.+: *(\\d+)$`, 'm').exec(stdout)?.[1] ?? NaN)
      const exitCode = error === null ? 0 : Number(error.code ?? 1)
      resolve({ exitCode, pass: count('Pass'), fail: count('FAIL'), error: count('Error') })
    })
  })
}

const add = binary === undefined ? test.skip : test
if (binary === undefined) console.log('SKIP OCI conformance suite: OCI_CONFORMANCE is not set')

for (const version of ['1.1', 'dev']) {
  for (const storage of ['memory', 'disk']) {
    add(`version ${version} passes whole, ${storage}`, async () => {
      const root = storage === 'disk' ? temporaryFolder('registry') : undefined
      const outcome = await conform({ root }, { OCI_VERSION: version })
      assert.equal({ ...outcome, pass: 0 }, { exitCode: 0, pass: 0, fail: 0, error: 0 })
      assert.ok(outcome.pass >= (version === 'dev' ? 986 : 860), `${outcome.pass} passed`)
    })
  }
}

for (const kind of ['basic', 'bearer'] as const) {
  add(`version dev passes whole with ${kind} credentials, sparse manifests too`, async () => {
    const auth = { kind, users: { ann: 'secret' } }
    const user = { OCI_USERNAME: 'ann', OCI_PASSWORD: 'secret', OCI_DATA_SPARSE: 'true' }
    const outcome = await conform({ auth, sparse: true }, { OCI_VERSION: 'dev', ...user })
    assert.equal({ ...outcome, pass: 0 }, { exitCode: 0, pass: 0, fail: 0, error: 0 })
  })
}

test.run()
