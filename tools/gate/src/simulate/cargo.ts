const SECTION = /^\s*\[([^\]]+)\]/
const VERSION_LINE = /^version\s*=\s*["']([^"']+)["']/
const INHERITED = /^version(?:\.workspace\s*=\s*true|\s*=\s*\{\s*workspace\s*=\s*true)/

/** What is read of a `Cargo.toml`. */
export interface CargoManifest {
  readonly version: string | null
  /** The version is the workspace's. */
  readonly inherits: boolean
  readonly workspaceVersion: string | null
  readonly dependencies: readonly string[]
}

/** Reads the few lines of a `Cargo.toml` that matter here; total. */
export function readCargoManifest(text: string): CargoManifest {
  let section = ''
  let version: string | null = null
  let inherits = false
  let workspaceVersion: string | null = null
  const dependencies = new Set<string>()
  for (const line of text.split('\n')) {
    const heading = SECTION.exec(line)
    if (heading !== null) {
      section = heading[1]!.trim()
      const named = /(?:^|\.)(?:build-)?dependencies\.(.+)$/.exec(section)?.[1]
      if (named !== undefined) dependencies.add(unquoted(named))
      continue
    }
    if (section === 'package') {
      version ??= VERSION_LINE.exec(line)?.[1] ?? null
      inherits ||= INHERITED.test(line)
    } else if (section === 'workspace.package')
      workspaceVersion ??= VERSION_LINE.exec(line)?.[1] ?? null
    else if (/(?:^|\.)(?:build-)?dependencies$/.test(section)) {
      const name = /^\s*["']?([\w-]+)["']?\s*[.=]/.exec(line)?.[1]
      if (name !== undefined && section !== 'workspace.dependencies') dependencies.add(name)
    }
  }
  return { version, inherits, workspaceVersion, dependencies: [...dependencies] }
}

function unquoted(name: string): string {
  return name.replace(/^["']|["']$/g, '')
}
