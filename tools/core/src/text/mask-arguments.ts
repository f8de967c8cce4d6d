import { isSecretName } from './mask-secrets.ts'

const SECRET_WORD =
  /(?:pass(?:word|wd|phrase)?|pwd|token|secret|credentials?|api-?key|(?:private|access|signing|account)-?key|auth(?!or)\w*|cookie|dsn)$/i
const SECRET_OPTION = /^--?[\w.-]+$/
// A user and a password in one word: `-u me:password` (curl), `--creds me:password` (skopeo).
const USER_OPTION = /^(?:-[uU]|--(?:user|userpwd|proxy-user|(?:src-|dest-)?creds))$/

const isSecretOption = (word: string): boolean =>
  word === '-p' || (SECRET_OPTION.test(word) && SECRET_WORD.test(word.replaceAll('_', '-')))

/**
 * Arguments of a program as they may be shown: what carries a secret by its name is masked (`--password X`, `--token=X`, `-p X`, `-pX`, `-u me:X`,
 * `NPM_TOKEN=X` alone or behind `--build-arg`, `Authorization: X`).
 */
export function maskArguments(args: readonly string[]): string[] {
  return args.map((arg, at) => masked(arg, args[at - 1] ?? ''))
}

function masked(arg: string, before: string): string {
  if (isSecretOption(before) && !/^--|^-.?$/.test(arg)) return '***'
  if (USER_OPTION.test(before)) return withoutPassword(arg)
  const [, short] = /^(-p)(?=.*[^a-z-])[^=]+$/i.exec(arg) ?? []
  if (short !== undefined) return `${short}***`
  const header = /^([\w-]*(?:authorization|token|key|secret|cookie)[\w-]*:\s*)\S/i.exec(arg)
  return header === null ? maskedSetting(arg) : `${header[1]}***`
}

const withoutPassword = (word: string): string =>
  /^\d+:\d+$/.test(word) ? word : word.replace(/:[^]*$/, ':***')

// `--build-arg=NPM_TOKEN=X` names two things; the second is the secret one.
function maskedSetting(arg: string): string {
  const equals = arg.indexOf('=')
  if (equals <= 0) return arg
  const [name, value] = [arg.slice(0, equals), arg.slice(equals + 1)]
  if (USER_OPTION.test(name)) return `${name}=${withoutPassword(value)}`
  const isVariable = /^[A-Z_][A-Z0-9_]*$/.test(name) && isSecretName(name)
  const isSecret = isVariable || SECRET_WORD.test(name.replaceAll('_', '-'))
  return `${name}=${isSecret ? '***' : maskedSetting(value)}`
}
