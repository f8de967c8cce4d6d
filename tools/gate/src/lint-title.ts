import { createReport, type Bump, type Component, type Finding, type Report } from '@waybill/core'
import { judgeConventional } from './conventional/judge.ts'
import { conventional, type ConventionalPolicy } from './conventional/policy.ts'
import { parseCommit } from './parse-commit.ts'
import type { ParsedCommit } from './parsed-commit.ts'

/** What the squashed commit will be. */
export interface LintedTitle {
  readonly subject: string
  readonly type: string | null
  /** What it bumps after 1.0.0. */
  readonly bump: Bump
}

export interface LintTitleOptions {
  /** @default conventional */
  readonly policy?: ConventionalPolicy | undefined
  /** The components a Release-As may name. */
  readonly components?: readonly Component[] | undefined
}

/** Checks a pull request's title and description as the commit that squashing will make of them. Pure. */
export function lintTitle(
  title: string,
  body = '',
  options: LintTitleOptions = {},
): Report<LintedTitle> {
  const parsed = parseCommit(body.trim() === '' ? title : `${title}\n\n${body}`)
  const { commits, findings } = judgeSquashed(parsed, options)
  const all = [...titleFindings(title, parsed, options), ...findings]
  return createReport(
    [{ subject: parsed.subject, type: parsed.header?.type ?? null, bump: commits }],
    all,
  )
}

function titleFindings(
  title: string,
  { header, reverts }: ParsedCommit,
  options: LintTitleOptions,
): Finding[] {
  if (title.trim() === '') return [problem('title-empty', 'The title is empty')]
  if (/[\r\n]/.test(title.trim()))
    return [problem('title-lines', 'The title has more than one line')]
  if (header === null && reverts !== null) return []
  if (header === null) return [problem('title-unparsed', `"${title}" is no conventional header`)]
  if (header.description === '')
    return [problem('title-unparsed', `"${title}" says nothing after the colon`)]
  const { types } = options.policy ?? conventional
  const known =
    Object.hasOwn(types, header.type.toLowerCase()) || QUIET.has(header.type.toLowerCase())
  if (known) return []
  const message = `The type "${header.type}" is not one that releases; is it meant?`
  return [
    {
      code: 'type-unknown',
      level: 'warning',
      message,
      suggestion: `Known are ${[...Object.keys(types), ...QUIET].join(', ')}`,
    },
  ]
}

const QUIET: ReadonlySet<string> = new Set([
  'chore',
  'ci',
  'docs',
  'style',
  'refactor',
  'test',
  'build',
])

function problem(code: string, message: string): Finding {
  return {
    code,
    level: 'error',
    message,
    suggestion: 'Write type: description, for instance "fix: keep the order of groups"',
  }
}

const COMMIT = '0'.repeat(40)

// The commit is judged in a range of its own, after a release that any order is higher than.
function judgeSquashed(
  parsed: ParsedCommit,
  options: LintTitleOptions,
): { commits: Bump; findings: Finding[] } {
  const components = options.components?.length
    ? options.components
    : [{ name: '.', path: '.', tag: 'v{version}' }]
  const outcomes = components.map((component) =>
    judgeConventional(
      {
        component,
        components,
        last: { tag: '', version: '1.0.0', commit: '' },
        standing: null,
        head: { commit: COMMIT, created: 0 },
        commits: [
          {
            commit: COMMIT,
            parents: [''],
            created: 0,
            message: '',
            parsed,
            touches: components.map(({ name }) => name),
            empty: false,
          },
        ],
        tagged: [],
      },
      { ...(options.policy ?? conventional), allowDowngrade: true },
    ),
  )
  const [first] = outcomes
  const own = outcomes.flatMap(({ findings }) => findings)
  return {
    commits: first!.judged[0]?.verdict.bump ?? 'none',
    findings: unique(own.map(withoutCommit)),
  }
}

function withoutCommit(finding: Finding): Finding {
  const { where, ...rest } = finding
  return where?.line === undefined ? rest : { ...rest, where: { line: where.line } }
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}
