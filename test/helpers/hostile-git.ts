import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createContext, createGit, type Git } from '@waybill/core'
import { createRepository, type TestRepository } from './repository.ts'
import { temporaryFolder } from './temporary.ts'

/** A program that leaves a line wherever it is run, whatever its arguments. */
export interface Canary {
  readonly file: string
  /** The same as a module of JavaScript, CommonJS or not. */
  readonly script: string
  /** The names it was run under so far. */
  sang(): readonly string[]
}

export function createCanary(folder: string = temporaryFolder('canary'), name = 'canary'): Canary {
  const log = join(temporaryFolder('song'), 'log')
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\necho "$0 $*" >> '${log}'\nexit 1\n`)
  chmodSync(file, 0o755)
  return {
    file,
    script: `process.getBuiltinModule('node:fs').appendFileSync(${JSON.stringify(log)}, 'script ${name}\\n')\n`,
    sang: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
  }
}

type Setting = readonly [key: string, value: string]

/** Settings by which a repository's configuration names a program, one kind each; a kind may take several keys. */
export function hostileSettings(
  { file }: Canary,
  hooks: string,
): Readonly<Record<string, readonly Setting[]>> {
  const one = (key: string, value = file): readonly Setting[] => [[key, value]]
  return {
    fsmonitor: one('core.fsmonitor'),
    hooksPath: one('core.hooksPath', hooks),
    sshCommand: one('core.sshCommand'),
    gitProxy: one('core.gitProxy'),
    askPass: one('core.askPass'),
    pager: [...one('core.pager'), ['pager.log', file], ['pager.config', file]],
    editor: [...one('core.editor'), ['sequence.editor', file]],
    filterClean: [
      ['filter.evil.clean', file],
      ['filter.evil.required', 'true'],
    ],
    filterSmudge: one('filter.evil.smudge'),
    filterProcess: [
      ['filter.evil.process', file],
      ['filter.evil.required', 'true'],
    ],
    externalDiff: one('diff.external'),
    textconv: [
      ['diff.evil.textconv', file],
      ['diff.evil.command', file],
    ],
    mergeDriver: one('merge.evil.driver'),
    mergetool: [
      ['mergetool.evil.cmd', file],
      ['merge.tool', 'evil'],
    ],
    gpg: [
      ['gpg.program', file],
      ['log.showSignature', 'true'],
      ['push.gpgSign', 'true'],
    ],
    gpgSsh: [
      ['gpg.format', 'ssh'],
      ['gpg.ssh.program', file],
      ['gpg.ssh.defaultKeyCommand', file],
    ],
    credential: [
      ['credential.helper', file],
      ['credential.http://127.0.0.1.helper', file],
    ],
    credentialShell: one('credential.helper', `!${file}`),
    uploadpack: one('remote.origin.uploadpack'),
    receivepack: one('remote.origin.receivepack'),
    vcs: one('remote.origin.vcs', `ext::${file}`),
    alias: [
      ['alias.log', `!${file}`],
      ['alias.status', `!${file}`],
      ['alias.config', `!${file}`],
      ['alias.rev-parse', `!${file}`],
    ],
    insteadOf: one('url.ext::' + file + ' .insteadOf', '/'),
    pushInsteadOf: one('url.ext::' + file + ' .pushInsteadOf', '/'),
    extUrl: [
      ['protocol.ext.allow', 'always'],
      ['remote.origin.url', `ext::${file} %S`],
    ],
    packObjectsHook: one('uploadpack.packObjectsHook'),
    alternateRefs: one('core.alternateRefsCommand'),
    trace2: [
      ['trace2.eventTarget', '/proc/self/fd/2'],
      ['trace2.normalTarget', '1'],
    ],
    worktree: one('core.worktree', '/'),
    attributesFile: one('core.attributesFile', file),
    include: one('include.path', '../evil.config'),
    includeIf: one('includeIf.gitdir:**.path', '../evil.config'),
    submodule: [
      ['submodule.recurse', 'true'],
      ['status.submoduleSummary', 'true'],
      ['push.recurseSubmodules', 'on-demand'],
    ],
    promisor: [
      ['remote.origin.promisor', 'true'],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.uploadpack', file],
    ],
    maintenance: [
      ['gc.auto', '1'],
      ['gc.autoDetach', 'false'],
      ['gc.recentObjectsHook', file],
    ],
    browser: [
      ['web.browser', 'evil'],
      ['browser.evil.cmd', file],
      ['help.browser', 'evil'],
    ],
    tar: one('tar.tar.gz.command'),
    trailer: one('trailer.evil.command'),
    interactive: one('interactive.diffFilter'),
    sendmail: [
      ['sendemail.sendmailCmd', file],
      ['sendemail.toCmd', file],
    ],
    difftool: [
      ['difftool.evil.cmd', file],
      ['diff.tool', 'evil'],
    ],
    lfs: [
      ['lfs.customtransfer.evil.path', file],
      ['lfs.standalonetransferagent', 'evil'],
    ],
  }
}

/** Every hook there is, all the canary. */
export const HOOKS: readonly string[] = [
  'fsmonitor-watchman',
  'post-checkout',
  'post-index-change',
  'pre-auto-gc',
  'pre-push',
  'query-watchman',
  'reference-transaction',
]

/** Where a hostile configuration is tried. */
export interface Scene {
  readonly repository: TestRepository
  readonly bare: string
  readonly canary: Canary
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A repository with a remote, whose attributes name a driver of every kind, and the user's environment. */
export function createScene(): Scene {
  const repository = createRepository()
  const { path } = repository
  repository.commit({
    message: 'feat: a',
    files: { a: '1', '.gitattributes': '* filter=evil diff=evil merge=evil\n' },
  })
  const bare = temporaryFolder('bare')
  execFileSync('git', ['init', '--quiet', '--bare', bare])
  repository.git('remote', 'add', 'origin', bare)
  const canary = createCanary()
  mkdirSync(join(path, 'hooks'))
  for (const hook of HOOKS) copyFileSync(canary.file, join(path, 'hooks', hook))
  writeFileSync(
    join(path, 'evil.config'),
    `[core]\n\tfsmonitor = ${canary.file}\n\tsshCommand = ${canary.file}\n[remote "origin"]\n\tuploadpack = ${canary.file}\n\treceivepack = ${canary.file}\n`,
  )
  const env = { PATH: process.env['PATH'], HOME: temporaryFolder('home'), GIT_CONFIG_NOSYSTEM: '1' }
  return { repository, bare, canary, env }
}

/** Git as a reading command runs it. */
export const local = ({ repository, env }: Scene): Git =>
  createGit(createContext({ cwd: repository.path, env }))
/** Git as a publishing command runs it. */
export const remote = ({ repository, env }: Scene): Git =>
  createGit(createContext({ cwd: repository.path, env }), 'remote')

/** For calls that may fail: what is looked at is what was run meanwhile. */
export const ANY: { readonly okCodes: readonly number[] } = {
  okCodes: Array.from({ length: 256 }, (_, code) => code),
}
