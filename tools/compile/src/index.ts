export { BUILD_RECORD, readBuildRecord, type BuildRecord } from './build-record.ts'
export { bun, type BunOptions } from './bun.ts'
export { cargoZigbuild, type CargoZigbuildOptions } from './cargo-zigbuild.ts'
export { checkBinary, GLIBC_LIBRARIES } from './check-binary.ts'
export { command, type CommandOptions } from './command.ts'
export { compile, probe, type CompileOptions, type ProbeOptions } from './compile.ts'
export { deno, type DenoOptions } from './deno.ts'
export { explainDifference } from './explain-difference.ts'
export { go, type GoOptions } from './go.ts'
export { joinCells, type JoinOptions } from './join-cells.ts'
export { nodeSea, type NodeSeaOptions } from './node-sea.ts'
export { prebuilt, type PrebuiltOptions } from './prebuilt.ts'
export { rebuild, type RebuildCheck, type RebuildOptions } from './rebuild.ts'
export type {
  BuildJob,
  Expectation,
  ToolRunOptions,
  BuildSource,
  BuildTarget,
  Tool,
  Toolchain,
  ToolchainOptions,
  Tools,
} from './toolchain.ts'
export { zig, type ZigOptions } from './zig.ts'
