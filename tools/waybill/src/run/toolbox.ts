import { archive, type ArchiveOptions } from '@waybill/archive'
import { compile, type CompileOptions, type Toolchain } from '@waybill/compile'
import type {
  Artifact,
  Component,
  Context,
  ContextOptions,
  Decision,
  Destinations,
  ProvenImage,
  PublishPlan,
  Receipt,
  Release,
} from '@waybill/core'
import {
  decide,
  readAllCommits,
  readCommits,
  type CommitRange,
  type DecideOptions,
  type ReadCommitsOptions,
  type ReadOneOptions,
} from '@waybill/gate'
import { type Base } from '@waybill/oci'
import {
  assemble,
  proveIdentity,
  waiveIdentity,
  type AssembleOptions,
  type AssembledImage,
  type IdentityOptions,
} from '@waybill/image'
import {
  planPublish,
  publish,
  type PlanPublishOptions,
  type PublishOptions,
} from '@waybill/publish'
import {
  applyVersions,
  planVersions,
  type PlanVersionsOptions,
  type VersionPlan,
} from '@waybill/version'
import { readLock, pinnedBase } from '@waybill/release'
import { join } from 'node:path'

type Own<Options> = Omit<Options, keyof ContextOptions>

/** The line of a release, bound to one context; every function also stands alone in its package. */
export interface Toolbox {
  readonly context: Context
  readCommits(component: Component, options?: Own<ReadOneOptions>): Promise<CommitRange>
  readAllCommits(
    components: readonly Component[],
    options?: Own<ReadCommitsOptions>,
  ): Promise<CommitRange[]>
  decide(range: CommitRange, options?: DecideOptions): Decision
  planVersions(
    decisions: readonly Decision[],
    options?: Own<PlanVersionsOptions>,
  ): Promise<VersionPlan>
  applyVersions(plan: VersionPlan): ReturnType<typeof applyVersions>
  compile(release: Release, toolchain: Toolchain, options: Own<CompileOptions>): Promise<Artifact[]>
  archive(
    release: Release,
    binaries: readonly Artifact[],
    options?: Own<ArchiveOptions>,
  ): Promise<Artifact[]>
  /** An image by its reference, pinned by `waybill.lock` where the reference holds no digest. */
  resolveImage(reference: string): Promise<Base | 'scratch'>
  assemble(
    release: Release,
    binaries: readonly Artifact[],
    options: Own<AssembleOptions>,
  ): Promise<AssembledImage>
  proveIdentity(
    image: AssembledImage,
    artifacts: readonly Artifact[],
    options?: Own<IdentityOptions>,
  ): Promise<ProvenImage>
  waiveIdentity(image: AssembledImage, options: { readonly reason: string }): ProvenImage
  planPublish<Name extends string>(
    release: Release,
    proven: ProvenImage,
    options: Own<PlanPublishOptions<Name>> & { readonly to: Destinations<Name> },
  ): Promise<PublishPlan<Name>>
  publish<Name extends string>(
    plan: PublishPlan<Name>,
    options: Own<PublishOptions<Name>>,
  ): Promise<Receipt>
}

/** Binds the functions of the line to a context. */
export function createToolbox(context: Context): Toolbox {
  return {
    context,
    decide,
    waiveIdentity,
    readCommits: (component, options) => readCommits(component, { ...options, ...context }),
    readAllCommits: (components, options) => readAllCommits(components, { ...options, ...context }),
    planVersions: (decisions, options) => planVersions(decisions, { ...options, ...context }),
    applyVersions: (plan) => applyVersions(plan, context),
    compile: (release, toolchain, options) =>
      compile(release, toolchain, { ...options, ...context }),
    archive: (release, binaries, options) => archive(release, binaries, { ...options, ...context }),
    resolveImage: async (reference) =>
      pinnedBase(reference, await readLock(join(context.cwd, 'waybill.lock')), context),
    assemble: (release, binaries, options) =>
      assemble(release, binaries, { ...options, ...context }),
    proveIdentity: (image, artifacts, options) =>
      proveIdentity(image, artifacts, { ...options, ...context }),
    planPublish: (release, proven, options) =>
      planPublish(release, proven, { ...options, ...context }),
    publish: (plan, options) => publish(plan, { ...options, ...context }),
  }
}
