import type { CommandModule } from './command.ts'

export interface CommandEntry {
  readonly summary: string
  /** Loads the command, and only what it needs. */
  load(): Promise<{ readonly command: CommandModule }>
}

/** Every command, in the order of a release. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  check: {
    summary: 'check the definition and that its tools are there',
    load: () => import('./commands/check.ts'),
  },
  lock: {
    summary: 'pin bases, packages and tools in waybill.lock',
    load: () => import('./commands/lock.ts'),
  },
  gate: {
    summary: 'decide from commits whether to release',
    load: () => import('./commands/gate.ts'),
  },
  explain: {
    summary: 'say why a commit releases, or not',
    load: () => import('./commands/explain.ts'),
  },
  lint: {
    summary: 'check a pull request’s title and body as they will be squashed',
    load: () => import('./commands/lint.ts'),
  },
  simulate: {
    summary: 'replay the history and compare with the releases really made',
    load: () => import('./commands/simulate.ts'),
  },
  version: {
    summary: 'plan versions, manifests and changelogs; --apply edits them',
    load: () => import('./commands/version.ts'),
  },
  plan: {
    summary: 'show what would be released, and the build matrix',
    load: () => import('./commands/plan.ts'),
  },
  build: {
    summary: 'compile the binaries of a release',
    load: () => import('./commands/build.ts'),
  },
  inspect: {
    summary: 'say what a binary is and needs',
    load: () => import('./commands/inspect.ts'),
  },
  archive: {
    summary: 'make archives and SHA256SUMS of what build made',
    load: () => import('./commands/archive.ts'),
  },
  rebuild: {
    summary: 'build a binary again elsewhere and compare',
    load: () => import('./commands/rebuild.ts'),
  },
  image: {
    summary: 'assemble an image index from binaries and a base',
    load: () => import('./commands/image.ts'),
  },
  verify: {
    summary: 'prove that an image holds the released bytes',
    load: () => import('./commands/verify.ts'),
  },
  drift: {
    summary: 'compare two images, files and configuration',
    load: () => import('./commands/drift.ts'),
  },
  publish: {
    summary: 'publish an image to every registry, or none of its names',
    load: () => import('./commands/publish.ts'),
  },
  release: {
    summary: 'plan, build, prove and publish, from the definition',
    load: () => import('./commands/release.ts'),
  },
  rehearse: {
    summary: 'the whole release against registries of its own (or --to real ones)',
    load: () => import('./commands/rehearse.ts'),
  },
  status: {
    summary: 'say what of a release stands where',
    load: () => import('./commands/status.ts'),
  },
  heal: {
    summary: 'report, and on request repair, rolling tags and mirrors that are wrong',
    load: () => import('./commands/heal.ts'),
  },
  doctor: {
    summary: 'try out what a registry can do and whether we may',
    load: () => import('./commands/doctor.ts'),
  },
  login: {
    summary: 'keep credentials for a registry, no docker needed',
    load: () => import('./commands/login.ts'),
  },
  registry: { summary: 'serve a small OCI registry', load: () => import('./commands/registry.ts') },
}
