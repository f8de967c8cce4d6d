import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from '@waybill/core'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { ask, IMAGE, pushBlob, pushManifest, smallManifest } from '../helpers/push.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { startTestkit } from '../helpers/testkit-process.ts'

const test = suite('registry on disk')
const opened = closingAfter(test)
const full = process.env['WAYBILL_FULL'] === '1'

/** Pushes one image after the other until the registry is gone; what was acknowledged is remembered. */
async function pushUntilGone(
  address: string,
  round: number,
  seen: Map<string, string>,
): Promise<void> {
  for (let n = 0; ; n++) {
    const name = `acme/p${n % 3}`
    const layer = randomBytes(200_000)
    const digest = await pushBlob(address, name, layer)
    seen.set(`${name}/blobs/${digest}`, digest)
    const layers = [{ mediaType: 'application/octet-stream', digest, size: layer.byteLength }]
    const subject = { mediaType: IMAGE, digest: digestOf('subject'), size: 1 }
    const text = `${round}-${n}`
    const pushed = await pushManifest(address, name, {
      tag: 'latest',
      text,
      more: { layers, subject },
    })
    if (pushed.status !== 201) throw new Error(`${pushed.status}`)
    const manifest = digestOf(smallManifest(text, { layers, subject }))
    seen.set(`${name}/manifests/${manifest}`, manifest)
  }
}

/** Everything that a root holds is what its name says; every tag leads somewhere. */
function checkRoot(root: string): void {
  for (const name of ['acme/p0', 'acme/p1', 'acme/p2'].filter((one) =>
    existsSync(join(root, one)),
  )) {
    for (const kind of ['_blobs', '_manifests']) {
      const folder = join(root, name, kind)
      for (const file of existsSync(folder) ? readdirSync(folder) : []) {
        const hash = createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex')
        assert.is(`sha256-${hash}`, file)
        if (kind === '_manifests')
          assert.is(readFileSync(join(root, name, '_types', file), 'utf8'), IMAGE)
      }
    }
    const tag = join(root, name, '_tags/latest')
    if (!existsSync(tag)) continue
    const digest = readFileSync(tag, 'utf8')
    assert.ok(existsSync(join(root, name, '_manifests', digest.replace(':', '-'))), digest)
  }
}

test('is whole after a kill at any moment, and lost nothing it had acknowledged', async () => {
  const root = temporaryFolder('killed')
  const seen = new Map<string, string>()
  for (let round = 0; round < (full ? 150 : 8); round++) {
    const registry = await startTestkit(root)
    const work = pushUntilGone(registry.address, round, seen).catch(() => {})
    const enough = seen.size + 1 + (round % 4)
    while (seen.size < enough) await sleep(1)
    await sleep((round * 7) % 25)
    await registry.kill()
    await work
    checkRoot(root)
  }
  assert.ok(seen.size > 10)
  const { address } = await opened(startRegistry({ root }))
  assert.equal(readdirSync(join(root, '_uploads')), [])
  for (const [path, digest] of seen) {
    const answer = await ask(address, `GET /v2/${path}`)
    assert.is(digestOf(answer.body), digest, path)
  }
  const referrers = await ask(address, `GET /v2/acme/p0/referrers/${digestOf('subject')}`)
  assert.ok((JSON.parse(referrers.body.toString()) as { manifests: [] }).manifests.length > 0)
})

test('leaves the uploads of a registry that is running to it', async () => {
  const root = temporaryFolder('shared')
  const other = await startTestkit(root)
  const begun = await ask(other.address, 'POST /v2/a/blobs/uploads/')
  const part = await ask(other.address, `PATCH ${begun.headers.get('location')}`, { body: 'hel' })
  await opened(startRegistry({ root }))
  const line = `PUT ${part.headers.get('location')}&digest=${digestOf('hello')}`
  assert.is((await ask(other.address, line, { body: 'lo' })).status, 201)
  await other.kill()
})

test('takes a large blob in little memory', async () => {
  const size = (full ? 2048 : 160) * 1024 * 1024
  const registry = await startTestkit(temporaryFolder('large'))
  const piece = randomBytes(1024 * 1024)
  const hash = createHash('sha256')
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += piece.byteLength) {
      hash.update(piece)
      yield piece
    }
  }
  const begun = await ask(registry.address, 'POST /v2/a/blobs/uploads/')
  const init = { body: bytes(), duplex: 'half' } as unknown as RequestInit
  const sent = await ask(registry.address, `PATCH ${begun.headers.get('location')}`, init)
  const digest = `sha256:${hash.digest('hex')}`
  const end = await ask(registry.address, `PUT ${sent.headers.get('location')}&digest=${digest}`)
  assert.is(end.status, 201)
  const got = await fetch(`http://${registry.address}/v2/a/blobs/${digest}`)
  let read = 0
  for await (const chunk of got.body!) read += (chunk as Uint8Array).byteLength
  assert.is(read, size)
  const peak = registry.peak()
  await registry.kill()
  assert.ok(peak < 150 * 1024 * 1024, `${peak} bytes at most`)
})

const canMount = (): boolean => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

if (canMount()) {
  test('answers 507 when the disk is full, keeps nothing of it, and goes on', async () => {
    const root = temporaryFolder('full')
    const registry = await startTestkit(root, `mount -t tmpfs -o size=3m tmpfs ${root}`)
    const { address } = registry
    const large = randomBytes(4 * 1024 * 1024)
    const status = async (line: string, body: Buffer): Promise<number> =>
      (await ask(address, line, { body })).status
    for (let n = 0; n < 3; n++) {
      const once = `POST /v2/a/blobs/uploads/?digest=${digestOf(large)}`
      assert.is(await status(once, large), 507)
      const begun = await ask(address, 'POST /v2/a/blobs/uploads/')
      assert.is(await status(`PATCH ${begun.headers.get('location')}`, large), 507)
      assert.is((await ask(address, `GET ${begun.headers.get('location')}`)).status, 404)
    }
    assert.is((await ask(address, `HEAD /v2/a/blobs/${digestOf(large)}`)).status, 404)
    const fits = randomBytes(2 * 1024 * 1024)
    await pushBlob(address, 'a', fits)
    assert.is(
      digestOf((await ask(address, `GET /v2/a/blobs/${digestOf(fits)}`)).body),
      digestOf(fits),
    )
    await registry.kill()
  })
} else {
  console.log('SKIP a full disk: no mount namespace can be made here (unshare -rm)')
}

test('keeps nothing of a single request that breaks', async () => {
  const root = temporaryFolder('broken')
  const { address } = await opened(startRegistry({ root, faults: 'sever@1' }))
  await pushBlob(address, 'a', randomBytes(500_000)).catch(() => {})
  for (let tries = 0; tries < 200 && readdirSync(join(root, '_uploads')).length > 0; tries++)
    await sleep(10)
  assert.equal(readdirSync(join(root, '_uploads')), [])
})

test('says that its root may not be written', async () => {
  const root = temporaryFolder('locked')
  mkdirSync(join(root, 'inner'))
  chmodSync(join(root, 'inner'), 0o500)
  if (process.getuid?.() !== 0)
    await rejects(startRegistry({ root: join(root, 'inner') }), 'ERR_NOT_WRITABLE')
  writeFileSync(join(root, 'file'), '')
  const error = await rejects(startRegistry({ root: join(root, 'file') }), 'ERR_NOT_WRITABLE')
  assert.match(error.hint ?? '', 'folder')
})

test.run()
