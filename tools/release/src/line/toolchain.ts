import {
  bun,
  cargoZigbuild,
  command,
  deno,
  go,
  nodeSea,
  prebuilt,
  zig,
  type Toolchain,
} from '@waybill/compile'
import type { BuildEntry } from '../definition/types.ts'

/** The toolchain a build of the definition names. */
export function toolchainOf(build: BuildEntry): Toolchain {
  const { toolchain, platforms: _platforms, optional: _optional, ...options } = build
  switch (toolchain) {
    case 'zig':
      return zig(options)
    case 'go':
      return go(options)
    case 'cargo-zigbuild':
      return cargoZigbuild(options)
    case 'bun':
      return bun(options)
    case 'deno':
      return deno(options)
    case 'node-sea':
      return nodeSea(options)
    case 'command':
      return command(options)
    case 'prebuilt':
      return prebuilt(options)
  }
}

/** The same build, made static: for a base that has no libc. */
export function staticBuild(build: BuildEntry): BuildEntry {
  const { glibc: _glibc, ...rest } = build
  return { ...rest, static: true }
}
