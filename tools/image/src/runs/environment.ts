import type { RunConfig } from '@waybill/oci'

// Those that make a loader or a runtime load, before a program's first step or instead of it, what they name: ld.so(8), dyld(1), and the manuals of runtimes.
const LOADING: ReadonlySet<string> = new Set([
  'BASH_ENV',
  'BUN_OPTIONS',
  'CORECLR_ENABLE_PROFILING',
  'CORECLR_PROFILER',
  'CORECLR_PROFILER_PATH',
  'DOTNET_STARTUP_HOOKS',
  'ENV',
  'GCONV_PATH',
  'GLIBC_TUNABLES',
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'NODE_OPTIONS',
  'NODE_PATH',
  'OPENSSL_CONF',
  'OPENSSL_ENGINES',
  'OPENSSL_MODULES',
  'PERL5LIB',
  'PERL5OPT',
  'PYTHONHOME',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'RUBYLIB',
  'RUBYOPT',
  '_JAVA_OPTIONS',
])

/** The variables of an image's environment that load other code into what it starts; the last of a name counts, and an empty one loads nothing. */
export function loadingVariables({ Env = [] }: RunConfig): readonly string[] {
  const last = new Map(
    Env.map((entry) => {
      const name = entry.split('=', 1)[0]!
      return [name, entry.slice(name.length + 1)] as const
    }),
  )
  return [...last]
    .filter(([name, value]) => value !== '' && isLoading(name))
    .map(([name, value]) => `${name}=${value}`)
}

const isLoading = (name: string): boolean => /^(?:LD|DYLD)_/.test(name) || LOADING.has(name)
