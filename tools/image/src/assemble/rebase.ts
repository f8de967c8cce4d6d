import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  WaybillError,
  createDigester,
  formatPlatform,
  type Artifact,
  type Content,
} from '@waybill/core'
import type { TarEntry } from '@waybill/archive'
import { findFile, readImages, type RunConfig, type Image } from '@waybill/oci'
import { assemble } from './assemble.ts'
import type { ConfigOptions, Healthcheck } from './config-options.ts'
import type { AssembledImage, AssembleOptions, ImageRelease } from './types.ts'

export interface RebaseOptions extends Omit<AssembleOptions, 'path'> {
  /** Where the binary is. @default the first word of the entrypoint */
  readonly path?: string | undefined
}

/**
 * Puts the released binary of an image upon a new base: the same bytes, the same configuration, checked for fit again. The binary's layer is
 * the same unless the new base has other folders. What comes out is another image and wants a name of its own, never the release's.
 * @throws {ERR_FILE_MISSING} and what `assemble` throws.
 */
export async function rebase(content: Content, options: RebaseOptions): Promise<AssembledImage> {
  const images = await readImages(content)
  const [first] = images
  if (first === undefined) throw new WaybillError('ERR_INVALID_IMAGE', 'The index holds no image')
  const path = options.path ?? first.config.config.Entrypoint?.[0] ?? ''
  const folder = await mkdtemp(join(tmpdir(), 'waybill-rebase-'))
  try {
    const binaries: Artifact[] = []
    for (const image of images) binaries.push(await takeOut(image, path, folder))
    return await assemble(releaseOf(first), binaries, {
      ...options,
      out: folder,
      path,
      config: { ...configOf(first.config.config), ...options.config },
      annotations: { ...withoutBase(first.manifest.annotations ?? {}), ...options.annotations },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function takeOut(image: Image, path: string, folder: string): Promise<Artifact> {
  const platform = formatPlatform(image.platform)
  const name = platform.replaceAll('/', '-')
  const found = await findFile(image, path, (entry) => writeOut(entry, join(folder, name)))
  if (found.kind === 'file') return { kind: 'binary', name, path: name, platform, ...found.value }
  const reason = found.kind === 'missing' ? found.reason : `${path} is a ${found.header.type}`
  throw new WaybillError('ERR_FILE_MISSING', `${platform}: ${reason}`, {
    hint: 'Say where the binary is in the image (path).',
  })
}

async function writeOut(
  { content }: TarEntry,
  file: string,
): Promise<Pick<Artifact, 'digest' | 'size'>> {
  const digester = createDigester()
  const out = await open(file, 'w', 0o700)
  try {
    for await (const chunk of content) {
      digester.update(chunk)
      await out.writeFile(chunk)
    }
  } finally {
    await out.close()
  }
  return { digest: digester.digest(), size: digester.size }
}

const KEY = 'org.opencontainers.image.'

function releaseOf({ config }: Image): ImageRelease {
  const labels = config.config.Labels ?? {}
  const created = Date.parse(labels[`${KEY}created`] ?? config.created ?? '')
  const version = labels[`${KEY}version`]
  const commit = labels[`${KEY}revision`]
  return {
    component: '',
    created: Number.isNaN(created) ? 0 : Math.floor(created / 1000),
    ...(version === undefined ? {} : { version }),
    ...(commit === undefined ? {} : { commit }),
  }
}

/** What was asked for once, as far as a configuration still tells it: all of it, laid over the new base's. */
function configOf(config: RunConfig): ConfigOptions {
  const env = (config.Env ?? []).map((entry) => {
    const at = entry.indexOf('=')
    return at < 0 ? ([entry, ''] as const) : ([entry.slice(0, at), entry.slice(at + 1)] as const)
  })
  return {
    user: config.User,
    env: Object.fromEntries(env),
    entrypoint: config.Entrypoint,
    cmd: config.Cmd,
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    workingDir: config.WorkingDir,
    labels: withoutBase(config.Labels ?? {}),
    stopSignal: config.StopSignal,
    healthcheck: healthcheckOf(config.Healthcheck),
  }
}

function healthcheckOf(check: RunConfig['Healthcheck']): Healthcheck | undefined {
  if (check === undefined) return undefined
  const { Test, Interval, Timeout, StartPeriod, Retries } = check as Record<string, never>
  return {
    test: Test ?? [],
    ...time('interval', Interval),
    ...time('timeout', Timeout),
    ...time('startPeriod', StartPeriod),
    ...(Retries === undefined ? {} : { retries: Retries }),
  }
}

function time(name: string, nanoseconds: number | undefined): Record<string, number> {
  return nanoseconds === undefined ? {} : { [name]: nanoseconds / 1_000_000 }
}

function withoutBase(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).filter(([name]) => !name.startsWith(`${KEY}base.`)),
  )
}
