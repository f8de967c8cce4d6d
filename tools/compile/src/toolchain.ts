import { resolve } from 'node:path'
import type { ExecResult, Platform, Release } from '@waybill/core'

/** The platform a toolchain builds for, in its own words. */
export interface BuildTarget {
  readonly platform: Platform
  /** The target triple, without a glibc version: `x86_64-unknown-linux-gnu`. */
  readonly triple: string
  /** The file's name on that platform: with `.exe` on Windows. */
  readonly file: string
}

/** A tool that was found on this machine. */
export interface Tool {
  readonly name: string
  /** Absolute. */
  readonly file: string
  /** As the tool tells it. */
  readonly version: string
  /** What else the driver found out about it and needs for building; plain data. */
  readonly facts?: Readonly<Record<string, string>>
}

/** What a result must be; checked by reading it, whatever the toolchain promised. */
export interface Expectation {
  /** Must need no loader and no library. */
  readonly static?: boolean
  /** Must start on this glibc: `2.28`. */
  readonly glibc?: string
  /** Must need no library but these; a trailing `*` stands for any ending. */
  readonly libraries?: readonly string[]
}

/** Where a component's sources lie; both absolute. */
export interface BuildSource {
  /** The repository's root. */
  readonly root: string
  /** The component's folder. */
  readonly folder: string
}

/** How a driver runs programs: within the cores it was given, seeing declared variables only. */
export interface Tools {
  /** Where tools are looked up. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where nothing in the repository may be run: its root. */
  readonly avoid?: string | undefined
  /** Keeps what was found out about a tool until the tool's file changes; `key` names tool and file. */
  remember(key: string, find: () => Promise<Tool>): Promise<Tool>
  run(file: string, args: readonly string[], options?: ToolRunOptions): Promise<ExecResult>
}

export interface ToolRunOptions {
  readonly cwd?: string
  /** Variables beside PATH, HOME, SOURCE_DATE_EPOCH, TZ and LC_ALL. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** One platform's build. */
export interface BuildJob extends Tools {
  readonly release: Release
  readonly source: BuildSource
  readonly target: BuildTarget
  readonly tool: Tool
  /** An empty folder for intermediate files, absolute; gone afterwards. */
  readonly scratch: string
  /** A folder that stays, for the tool's own cache, absolute: only this user has written into it, or it is empty. */
  readonly kept: string
  /** The folder that `variable` names in the user's environment, or else one that stays and that every checkout shares, for the tool's own cache. */
  sharedCache(variable: string, name: string): Promise<string>
  /** The file to write, absolute. */
  readonly output: string
  /** Cores this build may use. */
  readonly jobs: number
}

/** Turns sources into one binary a platform. */
export interface Toolchain {
  readonly name: string
  /** The binary's name, without `.exe`. */
  readonly binary: string
  /** All that shapes the result, as plain data: part of the cache's key. */
  readonly options: Readonly<Record<string, unknown>>
  /** @throws {ERR_UNSUPPORTED_TARGET} */
  target(platform: Platform): BuildTarget
  /** Finds the tool. @throws {ERR_TOOL_MISSING} saying how to install it, {ERR_TOOL_VERSION} where it is not the pinned one. */
  probe(tools: Tools): Promise<Tool>
  /** Refuses what is known to fail before anything is built. @throws {ERR_UNKNOWN_GLIBC} and others */
  check?(tool: Tool, targets: readonly BuildTarget[]): Promise<void>
  /** Files and folders the result is made of, absolute. */
  inputs(source: BuildSource, target: BuildTarget): Promise<readonly string[]>
  /** Files it writes among its inputs, absolute, and which are none. @default it writes nothing there */
  outputs?(source: BuildSource, release: Release): readonly string[]
  build(job: BuildJob): Promise<void>
  expect(target: BuildTarget): Expectation
}

/** What every toolchain takes. */
export interface ToolchainOptions {
  /** The binary's name, without `.exe`. */
  readonly binary: string
  /** Arguments for the compiler, after Waybill's own. */
  readonly flags?: readonly string[] | undefined
  /** Variables the compiler sees, beside those it cannot work without. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Files and folders the result depends on outside its own folder, relative to the repository's root. */
  readonly inputs?: readonly string[] | undefined
  /** The only version of the tool that will do: `0.16.0`. @default any */
  readonly toolVersion?: string | undefined
}

/** The inputs that were declared beside those a toolchain knows of. */
export function extraInputs(source: BuildSource, options: ToolchainOptions): readonly string[] {
  return (options.inputs ?? []).map((path) => resolve(source.root, path))
}
