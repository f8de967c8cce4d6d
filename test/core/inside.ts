import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  insideFolder,
  insideRepository,
  namedPlace,
  openInside,
  readInside,
  type Lead,
} from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createVictim, LEADING_OUT, NO_FILE, type Ground } from '../helpers/links.ts'
import { rejects } from '../helpers/rejects.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('inside')

function ground(): Ground {
  const victim = createVictim(join(temporaryFolder('victim'), 'v'))
  return { root: createRepository().path, victim }
}

for (const at of ['LICENSE', 'a/b/LICENSE'])
  for (const [kind, trap] of Object.entries(LEADING_OUT))
    test(`does not follow ${kind} at ${at}`, async () => {
      const here = ground()
      trap(here, at)
      const error = await rejects(
        readInside(insideRepository, here.root, at),
        'ERR_OUTSIDE_REPOSITORY',
      )
      assert.ok(error.message.includes(at))
      assert.ok(error.hint !== undefined)
      if (kind === 'an absolute link')
        assert.ok(error.message.includes(join(here.victim, 'secret')))
      assert.equal(readdirSync(here.victim), ['secret'])
    })

for (const [kind, trap] of Object.entries(NO_FILE))
  test(`says what ${kind} is, and does not wait`, async () => {
    const here = ground()
    trap(here, 'a/LICENSE')
    const code = kind === 'a link to nothing' ? 'ERR_FILE_MISSING' : 'ERR_NOT_A_FILE'
    const { message } = await rejects(readInside(insideRepository, here.root, 'a/LICENSE'), code)
    assert.ok(message.includes('a/LICENSE'))
  })

test('a folder and what is not there have their lines', async () => {
  const { root } = ground()
  mkdirSync(join(root, 'folder'))
  writeFileSync(join(root, 'file'), '')
  await rejects(readInside(insideRepository, root, 'folder'), 'ERR_NOT_A_FILE')
  await rejects(readInside(insideRepository, root, '.'), 'ERR_NOT_A_FILE')
  await rejects(readInside(insideRepository, root, 'none'), 'ERR_FILE_MISSING')
  await rejects(readInside(insideRepository, root, 'file/none'), 'ERR_FILE_MISSING')
})

test('a name that leads out needs no link for that', async () => {
  const { root, victim } = ground()
  for (const path of [
    '..',
    '../x',
    'a/../../x',
    '/etc/passwd',
    victim,
    join(victim, 'secret'),
    `${root}x`,
    `${root}/../x`,
    '/',
  ])
    for (const lead of [insideRepository, insideFolder] as Lead[])
      await rejects(lead(root, path), 'ERR_OUTSIDE_REPOSITORY')
})

test('git’s own folder is not part of the repository, however it is spelled', async () => {
  const { root } = ground()
  for (const path of [
    '.git',
    '.git/config',
    '.GIT/config',
    '.Git',
    'a/.git',
    'sub/.git/modules/x',
    '.git./config',
    '.git ',
    'git~1/config',
    '.g\u200cit/config',
    './/.git/config',
    'a/../.git/config',
  ])
    await rejects(insideRepository(root, path), 'ERR_OUTSIDE_REPOSITORY')
  for (const path of ['.github/x', '.gitignore', 'git', '.gitmodules', 'x.git', '.git-x'])
    assert.is(await insideRepository(root, path), join(root, path))
})

test('a folder on the way that is a link leads out as well', async () => {
  const { root, victim } = ground()
  symlinkSync(victim, join(root, 'a'))
  symlinkSync('a', join(root, 'b'))
  for (const path of ['a', 'a/secret', 'a/none', 'a/none/none', 'b/secret', 'a/../a/secret'])
    await rejects(insideRepository(root, path), 'ERR_OUTSIDE_REPOSITORY')
})

test('links that stay in the repository are followed, and so is a repository behind a link', async () => {
  const { root } = ground()
  mkdirSync(join(root, 'a'))
  writeFileSync(join(root, 'LICENSE'), 'text')
  symlinkSync('../LICENSE', join(root, 'a/LICENSE'))
  symlinkSync('a', join(root, 'b'))
  for (const path of ['LICENSE', 'a/LICENSE', 'b/LICENSE', 'b/../LICENSE', join(root, 'b/LICENSE')])
    assert.is(String(await readInside(insideRepository, root, path)), 'text')
  const link = join(temporaryFolder('links'), 'link')
  symlinkSync(root, link)
  assert.is(String(await readInside(insideRepository, link, 'b/LICENSE')), 'text')
  assert.is(await insideRepository(link, 'b/new/file'), join(root, 'a/new/file'))
})

test('a file that is replaced by a link between the check and the reading is not read', async () => {
  const { root, victim } = ground()
  const [file, folder] = [join(root, 'a/file'), join(root, 'a')]
  for (const what of ['file', 'folder', 'folder, and back again'] as const) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, 'text')
    writeFileSync(join(victim, 'file'), 'TOKEN')
    let calls = 0
    const swapping: Lead = async (...words) => {
      calls++
      if (calls === 2 && what === 'folder, and back again') {
        renameSync(folder, join(root, 'link'))
        renameSync(join(root, 'kept'), folder)
      }
      const found = await insideRepository(...words)
      if (calls > 1) return found
      renameSync(what === 'file' ? file : folder, join(root, 'kept'))
      symlinkSync(what === 'file' ? join(victim, 'file') : victim, what === 'file' ? file : folder)
      return found
    }
    const error = await openInside(swapping, root, 'a/file').then(
      async (handle) => {
        await handle.close()
        return undefined
      },
      (thrown: { code: string }) => thrown.code,
    )
    assert.ok(['ERR_NOT_A_FILE', 'ERR_OUTSIDE_REPOSITORY'].includes(error!), `${what}: ${error}`)
    assert.ok(calls > 0)
    for (const name of ['a', 'kept', 'link']) {
      const path = join(root, name)
      if (readdirSync(root).includes(name)) renameSync(path, join(temporaryFolder('old'), 'x'))
    }
  }
})

test('a call may name any place elsewhere', async () => {
  const { root, victim } = ground()
  symlinkSync(victim, join(root, 'dist'))
  await rejects(namedPlace(root, join(root, 'dist')), 'ERR_OUTSIDE_REPOSITORY')
  await rejects(namedPlace(root, 'dist/x'), 'ERR_OUTSIDE_REPOSITORY')
  assert.is(await namedPlace(root, victim), victim)
  assert.is(await namedPlace(root, '../elsewhere'), join(root, '../elsewhere'))
})

test.run()
