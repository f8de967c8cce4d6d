import { isWaybillError, WaybillError } from '../../values/error.ts'

// git says these with exit code 128 and words only; LC_ALL=C keeps the words.
const REASONS: readonly (readonly [RegExp, string, (cwd: string) => string])[] = [
  [
    /not a git repository/i,
    'not a git repository (nor any folder above it)',
    () => 'Run it inside a checkout, or name one with --cwd.',
  ],
  [
    /dubious ownership/i,
    'git refuses it, since the folder belongs to another user',
    (cwd) => `Allow it: git config --global --add safe.directory ${cwd}`,
  ],
  [
    /unsafe repository|cannot use bare repository/i,
    'git refuses it by your own configuration (safe.directory, safe.bareRepository)',
    () => 'Run it in a checkout of your own, or allow this one in your configuration of git.',
  ],
]

/** Makes an error that says what to do of what git says where it finds no repository; any other error is returned as it is. */
export function explainGitError(error: unknown, cwd: string): unknown {
  if (!isWaybillError(error, 'ERR_EXEC_FAILED')) return error
  const found = REASONS.find(([pattern]) => pattern.test(error.message))
  if (found === undefined) return error
  const [, reason, hint] = found
  return new WaybillError('ERR_NOT_A_REPOSITORY', `${cwd}: ${reason}`, {
    outcome: 'usage',
    hint: hint(cwd),
    cause: error,
  })
}
