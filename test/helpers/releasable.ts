// A repository that releases in a second: two tiny programs that are there already, an image on nothing, two registries.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createRepository, type TestRepository } from './repository.ts'
import { temporaryFolder } from './temporary.ts'
import { tinyElf } from './tiny-elf.ts'

export interface Releasable {
  readonly repository: TestRepository
  /** The bare repository the tags are pushed to. */
  readonly remote: string
  /** A fresh clone, as a job checks it out. */
  checkout(): string
}

const definition = (
  registries: readonly string[],
  page: string | undefined,
): string => `schemaVersion: 1
git: { remote: origin }
registries: { ${registries.map((at, index) => `r${index}: ${at}/acme`).join(', ')} }
components:
  app:
    path: app
    tag: "app-v{version}"
    builds:
      - { toolchain: prebuilt, binary: app, from: "{platform}", platforms: [linux/amd64, linux/arm64] }
    images: [{ repository: app, base: scratch, path: /app }]
${page === undefined ? '' : `    release: ${page}\n`}`

/** With a `page`, as a definition writes `release`, it has a release page too. */
export function createReleasable(registries: readonly string[], page?: string): Releasable {
  const repository = createRepository()
  repository.commit({
    message: 'feat(app): the first',
    files: {
      'waybill.yaml': definition(registries, page),
      'app/linux-amd64': tinyElf('linux/amd64'),
      'app/linux-arm64': tinyElf('linux/arm64'),
      '.gitignore': 'dist\nparts\n.waybill\n',
    },
  })
  const remote = join(temporaryFolder('remote'), 'app.git')
  repository.git('clone', '--quiet', '--bare', repository.path, remote)
  repository.git('remote', 'add', 'origin', remote)
  return {
    repository,
    remote,
    checkout() {
      const folder = join(temporaryFolder('checkout'), 'app')
      const { status, stderr } = spawnSync('git', ['clone', '--quiet', remote, folder], {
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(stderr)
      return folder
    },
  }
}
