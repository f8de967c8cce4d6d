export { checkBinary, GLIBC_LIBRARIES } from './check-binary.ts'
export { compile, type CompileOptions } from './compile.ts'
export { prebuilt, type PrebuiltOptions } from './prebuilt.ts'
export type {
  BuildJob,
  Expectation,
  RunOptions,
  Source,
  Target,
  Tool,
  Toolchain,
  ToolchainOptions,
  Tools,
} from './toolchain.ts'
export { zig, type ZigOptions } from './zig.ts'
