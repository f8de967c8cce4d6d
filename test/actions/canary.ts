// Secrets given as inputs, in the docker configuration and in the environment appear nowhere: in no log, output, summary, annotation,
// state, receipt, report, plan or other file, whether the step succeeds or fails.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startForge, startRegistry } from '@waybill/testkit'
import { createJob, type StepResult, type TestJob } from '../helpers/action.ts'
import { ROOT } from '../helpers/cli.ts'
import { closingAfter } from '../helpers/closing.ts'
import { buildParts } from '../helpers/parts.ts'
import { createReleasable, type Releasable } from '../helpers/releasable.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('canary')
const closing = closingAfter(test)
const canary = (name: string): string => `canary-${name}-4f1d`

const PASSWORD = canary('password')
const WRONG = canary('wrong')
const ENVIRONMENT = {
  GITHUB_TOKEN: canary('github'),
  GH_TOKEN: canary('gh'),
  ACTIONS_RUNTIME_TOKEN: canary('runtime'),
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: canary('oidc'),
  AWS_SECRET_ACCESS_KEY: canary('aws'),
  NPM_TOKEN: canary('npm'),
}
const KEPT = canary('kept')
const REMOTE = canary('remote')
const TOKEN = canary('token')
const secrets = [PASSWORD, WRONG, KEPT, REMOTE, TOKEN, ...Object.values(ENVIRONMENT)]
const forms = secrets.flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`me:${secret}`).toString('base64'),
  Buffer.from(`x-access-token:${secret}`).toString('base64'),
])

const basic = (secret: string): object => ({
  auth: Buffer.from(`me:${secret}`).toString('base64'),
})

interface World {
  readonly app: Releasable
  readonly registries: readonly string[]
  readonly parts: string
  /** A job whose environment and docker configuration hold secrets. */
  job(): TestJob
}

async function createWorld(): Promise<World> {
  const auth = { users: { me: PASSWORD } }
  const running = [await closing(startRegistry({ auth })), await closing(startRegistry({ auth }))]
  const registries = running.map(({ address }) => address)
  const app = createReleasable(registries, '{ forge: github, repository: acme/app }')
  const forge = await closing(
    startForge({
      repositories: { 'acme/app': { git: app.remote } },
      tokens: { [TOKEN]: { contents: 'write' } },
    }),
  )
  const home = temporaryFolder('home')
  mkdirSync(join(home, '.docker'))
  const config = { auths: { 'elsewhere.example': basic(KEPT) } }
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify(config))
  const job = (): TestJob =>
    createJob(app.checkout(), { ...ENVIRONMENT, HOME: home, GITHUB_API_URL: forge.api })
  return { app, registries, parts: await buildParts(app), job }
}

/** Every file of the checkout except git's own: what steps left. */
function filesOf({ workspace }: TestJob): string[] {
  return readdirSync(workspace, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/.git/'))
    .map((file) => readFileSync(file, 'latin1'))
}

function assertClean(job: TestJob, results: readonly StepResult[]): void {
  const texts = [
    ...results.flatMap(({ log, outputs, summary, annotations, state }) => [
      log,
      summary,
      JSON.stringify([outputs, annotations, state]),
    ]),
    ...filesOf(job),
  ]
  for (const text of texts)
    for (const form of forms)
      assert.not.ok(text.includes(form), `${form} in: ${text.slice(0, 4000)}`)
}

const setupInputs = ({ registries }: World, password = PASSWORD): Record<string, string> => ({
  credentials: registries.map((address) => `${address} me ${password}`).join('\n'),
})

test('where everything succeeds', async () => {
  const world = await createWorld()
  const job = world.job()
  const setup = await job.step('setup', setupInputs(world))
  assert.is(setup.code, 0, setup.log)
  assert.equal(new Set(setup.masks), new Set([PASSWORD, ...Object.values(basic(PASSWORD))]))
  const kept = readFileSync(join(setup.outputs['docker-config']!, 'config.json'), 'utf8')
  for (const secret of [KEPT, PASSWORD])
    assert.match(kept, String(Object.values(basic(secret))[0]), 'the canary is there to be leaked')
  const results = [setup]
  for (const name of ['gate', 'plan', 'version']) results.push(await job.step(name))
  results.push(await job.step('lint', { title: 'feat: x', body: '' }))
  results.push(await job.step('release', { parts: world.parts, token: TOKEN, 'dry-run': 'true' }))
  results.push(await job.step('release', { parts: world.parts, token: TOKEN }))
  for (const { code, log } of results) assert.is(code, 0, log)
  assertClean(job, results)
})

test('where it fails: refused credentials, no network, a remote with a password, wrong inputs', async () => {
  const world = await createWorld()
  const [first] = world.registries
  const job = world.job()
  const results = [
    await job.step('setup', setupInputs(world, WRONG)),
    await job.step('setup', { credentials: `${first} ${WRONG}` }),
    await job.step('setup', { credentials: `127.0.0.1:1 me ${WRONG}`, password: WRONG }),
    await job.step('setup', { credentials: `not/a/host me ${WRONG}` }),
    await job.step('release', { parts: world.parts }),
    await job.step('release', { parts: world.parts, token: TOKEN, 'dry-run': 'perhaps' }),
    await job.step('gate', { token: TOKEN }),
  ]
  const config = temporaryFolder('docker')
  const auths = Object.fromEntries(world.registries.map((address) => [address, basic(WRONG)]))
  writeFileSync(join(config, 'config.json'), JSON.stringify({ auths }))
  const env = { DOCKER_CONFIG: config }
  results.push(await job.step('release', { parts: world.parts }, { env }))
  writeFileSync(join(config, 'config.json'), `{"auths": {"x": {"auth": "${KEPT}" `)
  results.push(await job.step('release', { parts: world.parts }, { env }))
  results.push(
    await job.step(
      'publish',
      {
        image: `${first}/acme/app`,
        version: '1.0.0',
        to: `${first}/acme/other`,
        'waive-identity': 'x',
      },
      { env },
    ),
  )
  for (const { code, log } of results) assert.is(code, 1, log)
  assertClean(job, results)
})

test('where the forge refuses the token', async () => {
  const world = await createWorld()
  const job = world.job()
  const setup = await job.step('setup', setupInputs(world))
  const release = await job.step('release', { parts: world.parts, token: WRONG })
  assert.match(release.log, '401 (Bad credentials)')
  assert.is(release.code, 1)
  assertClean(job, [setup, release])
})

test('where the git remote holds a password and cannot be reached', async () => {
  const world = await createWorld()
  const job = world.job()
  const setup = await job.step('setup', setupInputs(world))
  const file = join(job.workspace, '.git/config')
  const remote = `http://me:${REMOTE}@127.0.0.1:1/app.git`
  writeFileSync(file, readFileSync(file, 'utf8').replace(world.app.remote, remote))
  const release = await job.step('release', { parts: world.parts })
  assert.is(release.code, 1, release.log)
  assertClean(job, [setup, release])
})

test('the bundle holds none, and nothing of this machine', () => {
  const dist = join(ROOT, 'actions/dist')
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!/\.\w+$/.test(file)) continue
    const text = readFileSync(join(dist, file), 'utf8')
    for (const form of [...forms, ROOT]) assert.not.ok(text.includes(form), file)
  }
})

test.run()
