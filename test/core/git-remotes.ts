import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createContext, createGit } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ANY, createCanary, createScene, remote } from '../helpers/hostile-git.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('git remotes')

test('what a partial clone has not got is not fetched from a path or a program', async () => {
  const here = createScene()
  const full = here.repository.path
  execFileSync('git', ['config', 'uploadpack.allowFilter', 'true'], { cwd: full })
  const clone = join(temporaryFolder('clone'), 'c')
  execFileSync('git', [
    'clone',
    '--quiet',
    '--no-checkout',
    '--filter=blob:none',
    `file://${full}`,
    clone,
  ])
  const cwd = clone
  const git = createGit(createContext({ cwd, env: here.env }))
  assert.match(await git.text(['log', '--format=%s', '--name-only']), /feat: a/)
  for (const url of [`file://${full}`, full, `ext::${here.canary.file}`, 'evil::x']) {
    execFileSync('git', ['config', 'remote.origin.url', url], { cwd })
    await rejects(git.text(['cat-file', 'blob', 'HEAD:a']), 'ERR_EXEC_FAILED')
  }
  assert.equal(here.canary.sang(), [])
})

interface Asked {
  readonly authorization: string | undefined
}

/** Runs work beside a server that refuses everything and remembers what it was asked with. */
async function withServer(work: (address: string, asked: Asked[]) => Promise<void>): Promise<void> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    asked.push({ authorization: request.headers.authorization })
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  try {
    await work(`http://127.0.0.1:${(server.address() as { port: number }).port}`, asked)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

for (const where of ['its own file', 'an included file', 'a file included for this folder']) {
  test(`the header that CI writes into the configuration reaches the remote, from ${where}`, () =>
    withServer(async (address, asked) => {
      const here = createScene()
      const { path } = here.repository
      const file = join(path, where === 'its own file' ? '.git/config' : '.git/ci.config')
      const header = 'AUTHORIZATION: basic "eC1h\\Y2Nlc3M6dG9rZW4="'
      execFileSync('git', ['config', '--file', file, `http.${address}/.extraheader`, header])
      if (where === 'an included file') here.repository.git('config', 'include.path', 'ci.config')
      if (where === 'a file included for this folder')
        here.repository.git('config', `includeIf.gitdir:${path}/.git.path`, file)
      here.repository.git('remote', 'set-url', 'origin', `${address}/a.git`)
      await remote(here).run(['ls-remote', '--', 'origin'], ANY)
      assert.is(asked[0]?.authorization, 'basic "eC1h\\Y2Nlc3M6dG9rZW4="')
    }))
}

test('credential helpers and address rules of the user count, those of the repository do not', () =>
  withServer(async (address, asked) => {
    const here = createScene()
    const helper = `!f() { echo username=u; echo password=p; }; f`
    here.repository.git('config', 'credential.helper', `!${here.canary.file}`)
    here.repository.git('config', 'url.http://127.0.0.1:1/.insteadOf', 'forge:')
    here.repository.git('remote', 'set-url', 'origin', 'forge:a.git')
    const config = join(here.env['HOME']!, '.gitconfig')
    execFileSync('git', ['config', '--file', config, 'credential.helper', helper])
    execFileSync('git', ['config', '--file', config, `url.${address}/.insteadOf`, 'forge:'])
    await remote(here).run(['ls-remote', '--', 'origin'], ANY)
    assert.is(asked.at(-1)?.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`)
    assert.equal(here.canary.sang(), [])
  }))

test('ssh is run as the user’s environment or configuration says', async () => {
  const here = createScene()
  here.repository.git('remote', 'set-url', 'origin', 'ssh://git@127.0.0.1:1/a.git')
  const own = createCanary()
  const config = join(here.env['HOME']!, '.gitconfig')
  execFileSync('git', ['config', '--file', config, 'core.sshCommand', own.file])
  here.repository.git('config', 'core.sshCommand', here.canary.file)
  await remote(here).run(['ls-remote', '--', 'origin'], ANY)
  assert.ok(own.sang().length > 0)
  const named = createCanary()
  await remote({ ...here, env: { ...here.env, GIT_SSH_COMMAND: named.file } }).run(
    ['ls-remote', '--', 'origin'],
    ANY,
  )
  assert.ok(named.sang().length > 0)
  assert.equal(here.canary.sang(), [])
})

test.run()
