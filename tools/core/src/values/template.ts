import { WaybillError } from './error.ts'
import { suggest } from './nearest.ts'

const VARIABLE = /\{([^{}]*)\}/g

/**
 * Fills `{name}` from `variables`. `where` names the text's place, for the error.
 * @throws {ERR_UNKNOWN_VARIABLE} with the nearest valid name.
 */
export function expandTemplate(
  template: string,
  variables: Readonly<Record<string, string>>,
  where: string,
): string {
  return template.replace(VARIABLE, (_match, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value === undefined) throw unknownVariable(template, name, Object.keys(variables), where)
    return value
  })
}

/** Checks a template without filling it. @throws {ERR_UNKNOWN_VARIABLE} */
export function checkTemplate(template: string, names: readonly string[], where: string): void {
  for (const [, name = ''] of template.matchAll(VARIABLE)) {
    if (!names.includes(name)) throw unknownVariable(template, name, names, where)
  }
}

function unknownVariable(
  template: string,
  name: string,
  names: readonly string[],
  where: string,
): WaybillError {
  return new WaybillError(
    'ERR_UNKNOWN_VARIABLE',
    `${where}: "${template}" uses the unknown variable {${name}}; ${suggest(name, names)}`,
    { outcome: 'usage', details: { template, name, valid: names } },
  )
}
