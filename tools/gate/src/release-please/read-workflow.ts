import { asList, asObject, asText, type Plain } from '../plain.ts'
import { readPackage, type ReleasePleaseConfig } from './read-config.ts'

/** What a workflow says of release-please: packages of its own, or where the configuration lies. */
export interface WorkflowInputs {
  readonly config: ReleasePleaseConfig | null
  readonly configFile: string | null
}

const ACTION = /(?:^|\/)release-please-action@/

/** Reads the inputs of the release-please action in a workflow; null where the workflow does not use it. */
export function readWorkflow(workflow: unknown): WorkflowInputs | null {
  const jobs = Object.values(asObject(asObject(workflow)['jobs'])).map(asObject)
  const steps = jobs.flatMap(({ steps }) => asList(steps).map(asObject))
  const inputs = steps
    .filter(({ uses }) => ACTION.test(String(uses)))
    .map((step) => asObject(step['with']))
  if (inputs.length === 0) return null
  const configFile = inputs
    .map((input) => asText(input['config-file']))
    .find((file) => file !== undefined)
  const own = inputs.filter((input) => asText(input['release-type']) !== undefined)
  const packages = own.map((input) => readPackage(asText(input['path']) ?? '.', fromInputs(input)))
  return {
    config: packages.length === 0 ? null : { packages, linked: [], workspaces: [] },
    configFile: configFile ?? null,
  }
}

// The action wrote its sections as JSON in text, and put the component into tags only when asked for `monorepo-tags`.
function fromInputs(input: Plain): Plain {
  return {
    ...input,
    'changelog-sections': parseTypes(input['changelog-types']),
    'include-component-in-tag':
      input['include-component-in-tag'] ?? input['monorepo-tags'] ?? false,
    versioning: input['versioning-strategy'],
  }
}

function parseTypes(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return undefined
  }
}

/** Reads `.github/release-please.yml`, the configuration of the app that came before the action. */
export function readAppConfig(value: unknown): ReleasePleaseConfig | null {
  const app = asObject(value)
  if (asText(app['releaseType']) === undefined) return null
  const options: Plain = {
    'release-type': app['releaseType'],
    'package-name': app['packageName'],
    'bump-minor-pre-major': app['bumpMinorPreMajor'],
    'bump-patch-for-minor-pre-major': app['bumpPatchForMinorPreMajor'],
    'changelog-sections': app['changelogSections'] ?? app['changelogTypes'],
    'include-component-in-tag': app['monorepoTags'] ?? false,
    versioning: app['versioning'],
    'release-as': app['releaseAs'],
  }
  return {
    packages: [readPackage(asText(app['path']) ?? '.', options)],
    linked: [],
    workspaces: [],
  }
}
