import {
  WaybillError,
  compareText,
  expandTemplate,
  type Artifact,
  type Release,
} from '@waybill/core'

/** Binaries that go into one archive, under its name without the format's ending. */
export interface ArchiveGroup {
  readonly name: string
  readonly binaries: readonly Artifact[]
}

/** Groups binaries by the archive name the template gives each. @throws {ERR_UNKNOWN_VARIABLE} {ERR_INVALID_NAME} {ERR_NAME_CONFLICT} */
export function groupByName(
  release: Release,
  binaries: readonly Artifact[],
  template: string,
): ArchiveGroup[] {
  const groups = new Map<string, Artifact[]>()
  for (const binary of binaries) {
    const name = checkName(expandTemplate(template, variablesOf(release, binary), 'archive name'))
    const others = groups.get(name) ?? []
    checkFits(name, template, binary, others)
    groups.set(name, [...others, binary])
  }
  return [...groups]
    .map(([name, members]) => ({ name, binaries: members }))
    .toSorted((a, b) => compareText(a.name, b.name))
}

function variablesOf(release: Release, binary: Artifact): Record<string, string> {
  const [os = '', architecture = ''] = (binary.platform ?? '').split('/')
  return {
    binary: binary.name.replace(/\.exe$/i, ''),
    triple: tripleOf(binary) ?? `${os}-${architecture}`,
    os,
    architecture,
    component: release.component,
    version: release.version,
    tag: release.tag.replaceAll('/', '-'),
  }
}

/** The target triple without the glibc version some toolchains add (`x86_64-unknown-linux-gnu.2.28`). */
export function tripleOf(binary: Artifact): string | undefined {
  return binary.triple?.replace(/\.\d[\d.]*$/, '')
}

// Letters that neither a shell, a URL, a forge nor sha256sum reads differently.
function checkName(name: string): string {
  if (/^[A-Za-z0-9][\w.+~@=-]*$/.test(name)) return name
  throw new WaybillError('ERR_INVALID_NAME', `"${name}" can't be the name of an archive`, {
    hint: 'Use letters, digits and . _ + ~ @ = -, beginning with a letter or digit.',
    outcome: 'usage',
  })
}

function checkFits(
  name: string,
  template: string,
  binary: Artifact,
  others: readonly Artifact[],
): void {
  const clash = others.find(
    (other) => other.platform !== binary.platform || other.name === binary.name,
  )
  if (clash === undefined) return
  throw new WaybillError(
    'ERR_NAME_CONFLICT',
    `${clash.path} and ${binary.path} would both be in the archive "${name}"`,
    {
      hint: `Tell them apart in the template "${template}", with {binary} and {triple}.`,
      outcome: 'usage',
    },
  )
}
