import { join } from 'node:path'
import {
  createContext,
  WaybillError,
  type Artifact,
  type ContextOptions,
  type Finding,
  type Release,
} from '@waybill/core'
import { checkVersions, type BinaryToAsk } from '@waybill/version'
import type { Definition } from '../definition/types.ts'
import { componentEntry } from './components.ts'

/**
 * Checks that the tag of each release and every file that carries its version say that version.
 * @throws {ERR_VERSION_MISMATCH} naming each place with what was expected and found.
 */
export async function assertVersions(
  definition: Definition,
  releases: readonly Release[],
  options: ContextOptions = {},
): Promise<void> {
  const findings: Finding[] = []
  for (const release of releases) {
    const { versionFiles } = componentEntry(definition, release.component)
    const report = await checkVersions(release, {
      ...options,
      versionFiles: { [release.component]: versionFiles },
    })
    findings.push(...report.findings)
  }
  refuse(
    findings,
    'Run `waybill version --apply` and commit what it edits: Waybill itself never commits.',
  )
}

/**
 * Asks the binaries that can run on this machine for their version. One that names another is refused; one that names none, or does
 * not run here, is only warned of.
 * @throws {ERR_VERSION_MISMATCH}
 */
export async function assertBinaryVersions(
  definition: Definition,
  release: Release,
  { artifacts, ...options }: ContextOptions & { readonly artifacts: readonly Artifact[] },
): Promise<void> {
  const context = createContext(options)
  const wrong: Finding[] = []
  for (const binary of askable(definition, release, artifacts)) {
    const path = join(context.out, binary.path)
    const { checked, findings } = await askBinary(release, { ...binary, path }, options)
    const found = checked.find(({ kind }) => kind === 'binary')?.found ?? null
    if (found !== null) wrong.push(...findings)
    else context.logger.warn(`${binary.path} does not say its version: ${findings[0]?.message}`)
  }
  refuse(wrong, 'Build it again from the released commit, with the version compiled in.')
}

type Asked = Exclude<BinaryToAsk, string> & { readonly args: readonly string[] }

const HERE = `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`

function askable(
  definition: Definition,
  { component }: Release,
  artifacts: readonly Artifact[],
): readonly Asked[] {
  const { builds = [] } = componentEntry(definition, component)
  return artifacts.flatMap(({ kind, name, path, platform }) => {
    if (kind !== 'binary' || platform !== HERE) return []
    const build = builds.find(({ binary }) => binary === name.replace(/\.exe$/, ''))
    const { versionArgs: args = ['--version'] } = build ?? {}
    return args.length === 0 ? [] : [{ path, args }]
  })
}

/** How long a program may take to say its version; one that does not know the question may go on for ever. */
const PATIENCE = 10_000

async function askBinary(
  release: Release,
  binary: Asked,
  options: ContextOptions,
): Promise<Pick<Awaited<ReturnType<typeof checkVersions>>, 'checked' | 'findings'>> {
  const { signal } = createContext(options)
  const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
  try {
    const versionFiles = { [release.component]: [] }
    const asked = { ...options, signal: limited, versionFiles, binaries: [binary] }
    const { checked, findings } = await checkVersions(release, asked)
    const isBinary = ({ where }: Finding): boolean => where?.path === binary.path
    return { checked, findings: findings.filter(isBinary) }
  } catch (error) {
    if (signal.aborted) throw error
    const message = `it did not answer ${binary.args.join(' ')}`
    return { checked: [], findings: [{ code: 'version-unknown', level: 'warning', message }] }
  }
}

function refuse(findings: readonly Finding[], hint: string): void {
  const errors = findings.filter(({ level }) => level === 'error')
  if (errors.length === 0) return
  const places = errors.map(({ message }) => message)
  throw new WaybillError(
    'ERR_VERSION_MISMATCH',
    `The versions do not agree, so nothing is built or published:\n${places.map((place) => `  ${place}`).join('\n')}`,
    { hint, details: { findings: errors } },
  )
}
