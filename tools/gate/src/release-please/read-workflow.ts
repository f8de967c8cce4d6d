import { asList, asObject, asText, type Plain } from '../plain.ts'
import { readPackage, type ReleasePleaseConfig, type ReleasePleasePackage } from './read-config.ts'

const ACTION = /(?:^|\/)release-please-action@/

/** Reads the packages that the inputs of the release-please action describe in a workflow. */
export function readWorkflow(workflow: unknown): ReleasePleasePackage[] {
  const jobs = Object.values(asObject(asObject(workflow)['jobs'])).map(asObject)
  return jobs
    .flatMap(({ steps }) => asList(steps).map(asObject))
    .filter(({ uses }) => ACTION.test(String(uses)))
    .map((step) => asObject(step['with']))
    .filter((input) => asText(input['release-type']) !== undefined)
    .map((input) => readPackage(asText(input['path']) ?? '.', fromInputs(input)))
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
