import {
  checkTemplate,
  isWaybillError,
  parseKnownPlatform,
  suggest,
  tagNameProblem,
} from '@waybill/core'
import type { SchemaProblem } from './explain-schema-error.ts'
import type { ComponentEntry, Definition, ImageEntry } from './types.ts'

const TAG_VARIABLES = ['version', 'name', 'path']
const ARCHIVE_VARIABLES = ['binary', 'triple', 'version', 'component', 'os', 'architecture']
const NAME_VARIABLES = ['version', 'major', 'minor', 'patch', 'sha7']

/** Checks what a schema can't: that names which refer to one another exist, and that templates use known variables. */
export function checkReferences(definition: Definition): SchemaProblem[] {
  const components = Object.entries(definition.components)
  return [
    ...components.flatMap(([name, component]) => checkComponent(name, component, definition)),
    ...checkTags(components),
    ...checkLatest(components),
  ]
}

function checkComponent(
  name: string,
  component: ComponentEntry,
  definition: Definition,
): SchemaProblem[] {
  const at = ['components', name]
  const binaries = (component.builds ?? []).map((build) => build.binary)
  return [
    ...inside(component.path, [...at, 'path']),
    ...(component.builds ?? []).flatMap((build, index) =>
      build.platforms.flatMap((text, place) =>
        platform(text, [...at, 'builds', String(index), 'platforms', String(place)]),
      ),
    ),
    ...checkBuilds(component, at),
    ...template(component.tag, TAG_VARIABLES, [...at, 'tag']),
    ...tagName(name, component, [...at, 'tag']),
    ...template(component.archives?.name, ARCHIVE_VARIABLES, [...at, 'archives', 'name']),
    ...(component.images ?? []).flatMap((image, index) =>
      checkImage(image, [...at, 'images', String(index)], { binaries, definition }),
    ),
  ]
}

// Two of them would write the same file, and have one cell of the matrix.
function checkBuilds({ builds = [] }: ComponentEntry, at: readonly string[]): SchemaProblem[] {
  const all = builds.flatMap(({ binary, platforms }, index) =>
    platforms.map((text) => ({ key: `${binary} for ${text}`, index })),
  )
  const twice = all.filter(({ key, index }) => all.some((o) => o.key === key && o.index < index))
  return twice.map(({ key, index }) => ({
    path: [...at, 'builds', String(index), 'binary'],
    message: `"${at.join('.')}" builds ${key} twice; expected one build of a binary and platform`,
  }))
}

interface ImageContext {
  readonly binaries: readonly string[]
  readonly definition: Definition
}

function checkImage(
  image: ImageEntry,
  at: readonly string[],
  { binaries, definition }: ImageContext,
): SchemaProblem[] {
  const problems: SchemaProblem[] = []
  if (definition.registries === undefined) {
    problems.push({
      path: at,
      message: `"${at.join('.')}" needs "registries", which the definition lacks`,
    })
  }
  const wanted = image.binary ?? image.path.split('/').at(-1)!
  const choices = [...new Set(binaries)]
  if (
    image.binary === undefined
      ? choices.length !== 1 && !choices.includes(wanted)
      : !choices.includes(wanted)
  ) {
    const known = choices.length === 0 ? 'the component builds no binary' : suggest(wanted, choices)
    problems.push({
      path: [...at, image.binary === undefined ? 'path' : 'binary'],
      message: `"${at.join('.')}" puts the binary "${wanted}" into the image; ${known}`,
    })
  }
  return [
    ...problems,
    ...(image.beforeRolling ?? []).flatMap((words, i) =>
      words.flatMap((word) => template(word, ['image'], [...at, 'beforeRolling', String(i)])),
    ),
    ...(image.immutable ?? []).flatMap((text, i) =>
      template(text, NAME_VARIABLES, [...at, 'immutable', String(i)]),
    ),
    ...(image.rolling ?? []).flatMap((text, i) =>
      template(text, NAME_VARIABLES, [...at, 'rolling', String(i)]),
    ),
  ]
}

// A component is a part of its repository.
function inside(path: string, at: readonly string[]): SchemaProblem[] {
  const isOutside = path.startsWith('/') || path.split('/').includes('..')
  const message = `"${at.join('.')}" is "${path}"; expected a folder of the repository, relative to its root`
  return isOutside ? [{ path: at, message }] : []
}

function tagName(
  name: string,
  { tag, path }: ComponentEntry,
  at: readonly string[],
): SchemaProblem[] {
  const root = path === '.' ? tag.replace('{path}/', '') : tag
  const filled = root.replaceAll('{name}', name).replaceAll('{path}', path)
  const problem = tagNameProblem(filled.replaceAll('{version}', '1.0.0'))
  const message = `"${at.join('.')}" makes no tag that git takes; ${problem}`
  return problem === undefined ? [] : [{ path: at, message }]
}

function checkTags(components: readonly (readonly [string, ComponentEntry])[]): SchemaProblem[] {
  const seen = new Map<string, string>()
  return components.flatMap(([name, component]) => {
    const tag = component.tag.replaceAll('{name}', name).replaceAll('{path}', component.path)
    const other = seen.get(tag)
    seen.set(tag, name)
    if (other === undefined) return []
    return [
      {
        path: ['components', name, 'tag'],
        message: `the components "${other}" and "${name}" have the same tag "${component.tag}"`,
      },
    ]
  })
}

// A repository has one latest release.
function checkLatest(components: readonly (readonly [string, ComponentEntry])[]): SchemaProblem[] {
  const [first, ...others] = components.filter(([, { release }]) => release?.latest === true)
  return others.map(([name]) => ({
    path: ['components', name, 'release', 'latest'],
    message: `"components.${name}.release.latest": the component "${first![0]}" is the latest release already; expected one at most`,
  }))
}

function platform(text: string, path: readonly string[]): SchemaProblem[] {
  return problemOf(path, () => parseKnownPlatform(text))
}

function template(
  text: string | undefined,
  names: readonly string[],
  path: readonly string[],
): SchemaProblem[] {
  return problemOf(path, () => text !== undefined && checkTemplate(text, names, path.join('.')))
}

function problemOf(path: readonly string[], check: () => unknown): SchemaProblem[] {
  try {
    check()
    return []
  } catch (error) {
    if (!isWaybillError(error)) throw error
    const hint = error.hint === undefined ? '' : `. ${error.hint}`
    return [{ path, message: `${error.message}${hint}` }]
  }
}
