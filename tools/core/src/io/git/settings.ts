type Environment = Readonly<Record<string, string | undefined>>

// Whatever is configured, and by whom, must not change what is read, and must not run anything.
const SETTINGS: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.untrackedCache': 'keep',
  // A cache of what the commits say.
  'core.commitGraph': 'false',
  'core.quotePath': 'false',
  'log.showSignature': 'false',
  'log.follow': 'false',
  'diff.relative': 'false',
  'protocol.ext.allow': 'never',
  // What is fetched for a partial clone would else be followed by a clean-up.
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'push.recurseSubmodules': 'no',
  'push.followTags': 'false',
  'push.gpgSign': 'false',
}

/**
 * The variables that hold these settings, after those that the user's environment gives: every program that git could run by itself is off, and so
 * are the filters of these names. Unlike words of the command line they keep any name, and stay out of error messages.
 */
export function gitSettings(filters: readonly string[], outside: Environment): Environment {
  const given = Number(outside['GIT_CONFIG_COUNT'] ?? 0) || 0
  const emptied = filters.flatMap((name) => [
    ...['clean', 'smudge', 'process'].map((key) => [`filter.${name}.${key}`, ''] as const),
    [`filter.${name}.required`, 'false'] as const,
  ])
  const settings = [...Object.entries(SETTINGS), ...emptied]
  const variables = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${given + at}`, key],
    [`GIT_CONFIG_VALUE_${given + at}`, value],
  ])
  return { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(given + settings.length) }
}

// What git sets for its hooks (`git rev-parse --local-env-vars`), and what changes the meaning of a path or of a difference: Waybill works on the
// repository at its working folder. Programs that the user names (GIT_SSH_COMMAND, GIT_ASKPASS …) and configuration of the command line stay.
const DROPPED = new Set([
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CONFIG',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_EXTERNAL_DIFF',
  'GIT_DIFF_OPTS',
  'GIT_ATTR_SOURCE',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
])

/** The environment of every git that is run; `path` is where it finds programs. */
export function gitEnvironment(outside: Environment, path: string): Environment {
  const kept = Object.entries(outside).filter(([name]) => !DROPPED.has(name))
  return {
    ...Object.fromEntries(kept),
    ...quarantine(outside),
    PATH: path,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
    // git else writes each commit to a pipe by itself, which costs both sides more than reading it.
    GIT_FLUSH: '0',
    ...withoutExt(outside),
  }
}

// While a server's hook judges a push, its objects are found only through these.
function quarantine(outside: Environment): Environment {
  if (outside['GIT_QUARANTINE_PATH'] === undefined) return {}
  const { GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES } = outside
  return { GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES }
}

// The variable wins over `protocol.ext.allow`.
function withoutExt({ GIT_ALLOW_PROTOCOL: allowed }: Environment): Environment {
  if (allowed === undefined) return {}
  const kept = allowed.split(':').filter((protocol) => protocol !== 'ext')
  return { GIT_ALLOW_PROTOCOL: kept.join(':') }
}
