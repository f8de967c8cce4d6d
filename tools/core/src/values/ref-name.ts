import { visibleLine } from '../text/visible-text.ts'

/**
 * Why git would not take a name as a tag's, or undefined where it would: the rules of git-check-ref-format(1), and no hyphen at the start, which
 * `git tag` refuses since it looks like an option.
 */
export function tagNameProblem(name: string): string | undefined {
  const found = RULES.find(([isBroken]) => isBroken(name))
  return found === undefined ? undefined : `${found[1]}: "${visibleLine(name)}"`
}

type Rule = readonly [isBroken: (name: string) => boolean, why: string]

const parts = (name: string): string[] => name.split('/')

const RULES: readonly Rule[] = [
  [(name) => name === '', 'a tag needs a name'],
  [(name) => name.startsWith('-'), 'a tag may not begin with a hyphen'],
  [
    (name) => /[ \p{Cc}]/u.test(name.replaceAll(/[\u0080-\u009F]/g, '')),
    'a tag may hold no blank and no control character',
  ],
  [(name) => /[~^:?*[\\]/.test(name), String.raw`a tag may hold none of ~ ^ : ? * [ \ `.trim()],
  [(name) => name.includes('..'), 'a tag may not hold two dots in a row'],
  [(name) => name.includes('@{'), 'a tag may not hold "@{"'],
  [
    (name) => parts(name).includes(''),
    'a tag may not begin or end with a slash, or hold two in a row',
  ],
  [
    (name) => parts(name).some((part) => part.startsWith('.')),
    'no part of a tag may begin with a dot',
  ],
  [
    (name) => parts(name).some((part) => part.endsWith('.lock')),
    'no part of a tag may end with ".lock"',
  ],
  [(name) => name.endsWith('.'), 'a tag may not end with a dot'],
  [(name) => /\p{Surrogate}/u.test(name), 'a tag may hold no half of a character'],
]
