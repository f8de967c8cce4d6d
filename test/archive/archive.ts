import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archive, hasZstd, readArchive, type ArchiveOptions } from '@waybill/archive'
import { digestOf, type Artifact, type Release } from '@waybill/core'
import { bytesOf } from '../helpers/bytes.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('archive')

const release: Release = {
  component: 'scim',
  path: 'services/scim',
  version: '0.4.2',
  tag: 'scim-v0.4.2',
  commit: '1'.repeat(40),
  created: 1_700_000_001,
}

interface Project {
  readonly cwd: string
  readonly out: string
  readonly binaries: Artifact[]
}

const triples = {
  'linux/amd64': 'x86_64-unknown-linux-gnu.2.28',
  'linux/arm64': 'aarch64-unknown-linux-gnu.2.28',
} as const

function createProject(content = 'binary'): Project {
  const cwd = temporaryFolder('archive')
  const out = join(cwd, 'dist')
  writeFileSync(join(cwd, 'LICENSE'), 'Apache\n')
  mkdirSync(join(cwd, 'services/scim/docs/deep'), { recursive: true })
  writeFileSync(join(cwd, 'services/scim/docs/deep/a.md'), 'a')
  writeFileSync(join(cwd, 'services/scim/docs/run.sh'), '#!/bin/sh\n')
  chmodSync(join(cwd, 'services/scim/docs/run.sh'), 0o700)
  symlinkSync('run.sh', join(cwd, 'services/scim/docs/link'))
  const binaries = Object.entries(triples).map(([platform, triple]): Artifact => {
    const bytes = Buffer.from(`${content} of ${platform}\n`.repeat(10_000))
    const path = `${platform.replace('/', '-')}/scim-server`
    mkdirSync(dirname(join(out, path)), { recursive: true })
    writeFileSync(join(out, path), bytes)
    const [digest, size] = [digestOf(bytes), bytes.byteLength]
    return { kind: 'binary', name: 'scim-server', path, platform, triple, digest, size }
  })
  return { cwd, out, binaries }
}

const run = (project: Project, options: ArchiveOptions = {}): Promise<Artifact[]> =>
  archive(release, project.binaries, { cwd: project.cwd, out: project.out, ...options })

async function list(path: string): Promise<string[]> {
  const found: string[] = []
  for await (const { path: name, mode, mtime, uid, gid, content } of readArchive(path)) {
    const { byteLength } = await bytesOf(content)
    found.push(`${mode.toString(8)} ${uid}:${gid} ${mtime} ${name} ${byteLength}`)
  }
  return found
}

test('names archives by the triple without its glibc version and lists them in SHA256SUMS', async () => {
  const project = createProject()
  const artifacts = await run(project)
  assert.equal(
    artifacts.map(({ kind, name }) => `${kind} ${name}`),
    [
      'archive scim-server-aarch64-unknown-linux-gnu.tar.gz',
      'archive scim-server-x86_64-unknown-linux-gnu.tar.gz',
      'checksums scim-server-aarch64-unknown-linux-gnu.tar.gz.sha256',
      'checksums scim-server-x86_64-unknown-linux-gnu.tar.gz.sha256',
      'checksums SHA256SUMS',
    ],
  )
  const [first] = artifacts
  assert.is(first!.digest, digestOf(readFileSync(join(project.out, first!.path))))
  assert.equal([first!.platform, first!.triple], ['linux/arm64', 'aarch64-unknown-linux-gnu'])
  const sums = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], {
    cwd: project.out,
    encoding: 'utf8',
  })
  assert.is(sums.match(/: OK$/gm)?.length, 2)
  for (const { name } of artifacts.filter(({ name }) => name.endsWith('.sha256')))
    execFileSync('sha256sum', ['-c', name], { cwd: project.out })
})

test('gives the same bytes elsewhere, later, under another umask and with another number of jobs', async () => {
  const formats = ['tar.gz', 'zip'] as const
  const one = await run(createProject(), { formats, files: ['LICENSE', 'docs'], jobs: 1 })
  const before = process.umask(0o077)
  const other = await run(createProject(), { formats, files: ['docs', 'LICENSE'], jobs: 4 })
  process.umask(before)
  assert.equal(one, other)
})

test('puts in licence and extra files, folders with all they hold, sorted and with fixed modes', async () => {
  const project = createProject()
  const files = ['LICENSE', { from: 'docs', to: 'share/docs' }]
  for (const format of ['tar.gz', 'zip', ...(hasZstd() ? (['tar.zst'] as const) : [])] as const) {
    const [arm] = await run(project, { formats: [format], files })
    const mtime = format === 'zip' ? 1_700_000_000 : 1_700_000_001
    assert.equal(await list(join(project.out, arm!.path)), [
      `644 0:0 ${mtime} LICENSE 7`,
      `755 0:0 ${mtime} scim-server 220000`,
      `755 0:0 ${mtime} share/docs 0`,
      `755 0:0 ${mtime} share/docs/deep 0`,
      `644 0:0 ${mtime} share/docs/deep/a.md 1`,
      `755 0:0 ${mtime} share/docs/link 10`,
      `755 0:0 ${mtime} share/docs/run.sh 10`,
    ])
  }
})

test('leaves a file alone that is there with the same bytes, and replaces any other', async () => {
  const project = createProject()
  const formats = ['tar.gz', 'zip'] as const
  const first = await run(project, { formats })
  const old = new Date(1_000_000_000_000)
  const times = (): number[] =>
    first.map(({ path }) => statSync(join(project.out, path)).mtimeMs - old.getTime())
  for (const { path } of first) utimesSync(join(project.out, path), old, old)
  assert.equal(await run(project, { formats }), first)
  assert.ok(times().every((time) => time === 0))
  for (const { path } of first) appendFileSync(join(project.out, path), 'x')
  assert.equal(await run(project, { formats }), first)
  assert.ok(times().every((time) => time > 0))
  for (const { path, digest } of first)
    assert.is(digestOf(readFileSync(join(project.out, path))), digest)
})

test('is unpacked by tar and by Python as it was packed', async () => {
  const project = createProject()
  const [tar, zip] = await run(project, {
    formats: ['tar.gz', 'zip'],
    name: '{component}-{version}-{os}-{architecture}',
  })
  assert.is(tar!.name, 'scim-0.4.2-linux-amd64.tar.gz')
  const want = readFileSync(join(project.out, 'linux-amd64/scim-server'))
  mkdirSync(join(project.cwd, 'x'))
  execFileSync('tar', ['-xzf', join(project.out, tar!.path), '-C', join(project.cwd, 'x')])
  assert.ok(readFileSync(join(project.cwd, 'x/scim-server')).equals(want))
  if (hasPython()) {
    execFileSync('python3', ['-m', 'zipfile', '-t', join(project.out, zip!.path)])
    mkdirSync(join(project.cwd, 'z'))
    execFileSync('python3', ['-m', 'zipfile', '-e', join(project.out, zip!.path), 'z'], {
      cwd: project.cwd,
    })
    assert.ok(readFileSync(join(project.cwd, 'z/scim-server')).equals(want))
  }
})

test('packs several binaries of a platform together when their name is the same', async () => {
  const project = createProject()
  const more = project.binaries.map((binary) => ({ ...binary, name: 'scim-admin' }))
  const both = { ...project, binaries: [...project.binaries, ...more] }
  const artifacts = await run(both, { name: '{component}-{triple}' })
  assert.is(artifacts.filter(({ kind }) => kind === 'archive').length, 2)
  const names = await list(join(project.out, artifacts[0]!.path))
  assert.match(names.join('\n'), /scim-admin 220000\n.*scim-server 220000$/)
})

test('refuses a binary that changed after it was built, and leaves nothing behind', async () => {
  const project = createProject()
  writeFileSync(join(project.out, 'linux-amd64/scim-server'), Buffer.alloc(220_000))
  await rejects(run(project, { jobs: 1 }), 'ERR_DIGEST_MISMATCH')
  assert.not.ok(readdirSync(project.out).some((name) => /x86_64|SHA256SUMS|tmp/.test(name)))
})

test('refuses what is no plan for archives', async () => {
  const project = createProject()
  const bad = (options: object): Promise<unknown> => run(project, options as ArchiveOptions)
  await rejects(run({ ...project, binaries: [] }), 'ERR_NO_BINARIES')
  await rejects(bad({ name: '{binary}' }), 'ERR_NAME_CONFLICT')
  await rejects(bad({ name: '{binary}-{tripel}' }), 'ERR_UNKNOWN_VARIABLE')
  await rejects(bad({ name: '../{binary}-{triple}' }), 'ERR_INVALID_NAME')
  await rejects(bad({ files: ['NOTICE'] }), 'ERR_FILE_MISSING')
  await rejects(bad({ files: [{ from: 'LICENSE', to: 'scim-server' }] }), 'ERR_NAME_CONFLICT')
  await rejects(bad({ formats: ['rar'] }), 'ERR_UNKNOWN_FORMAT')
  if (!hasZstd()) await rejects(bad({ formats: ['tar.zst'] }), 'ERR_ZSTD_MISSING')
})

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.run()
