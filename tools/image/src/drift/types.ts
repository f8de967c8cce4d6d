import type { ContextOptions } from '@waybill/core'

export interface DriftOptions extends ContextOptions {
  /**
   * What may differ: paths (`/var/cache/**`) and members of the configuration (`config.Labels.org.opencontainers.image.*`, `config.Env.PATH`);
   * `*` stands for anything but `/`, `**` for anything.
   */
  readonly ignore?: readonly string[] | undefined
}

/** One platform, compared. */
export interface DriftCheck {
  readonly platform: string
  /** How many files, folders and links there are in the one and in the other. */
  readonly files: readonly [number, number]
}

/** One thing in which two images differ: a path, or `config.` and a member. */
export interface Drift {
  readonly subject: string
  readonly message: string
  readonly code: string
}
