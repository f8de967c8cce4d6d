import { register } from 'node:module'

// @actions/workflow-parser imports JSON as bundlers do, without the attribute that Node asks for.
const hook = `export const load = (url, context, next) =>
  url.endsWith('.json') ? next(url, { ...context, importAttributes: { type: 'json' } }) : next(url, context)`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } =
  await import('@actions/workflow-parser')

/** The ids of a workflow's jobs, as GitHub's own parser reads them; its errors, where it finds any. */
export async function readWorkflow(
  name: string,
  content: string,
): Promise<{ jobs: string[]; errors: string[] }> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter())
  const template = value === undefined ? undefined : await convertWorkflowTemplate(context, value)
  return {
    jobs: (template?.jobs ?? []).map((job) => job.id.value),
    errors: context.errors.getErrors().map(({ message }) => message),
  }
}
