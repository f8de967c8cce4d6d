import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program } from './images.ts'
import { createRepository, type TestRepository } from './repository.ts'

/** A definition that copies a program of the repository; `env`: more of the build. */
export const copyingDefinition = (registry: string, env = ''): string => `schemaVersion: 1
registries: { a: ${registry}/acme }
components:
  hello:
    path: .
    tag: 'v{version}'
    versionFiles: []
    builds: [{ toolchain: command, binary: hello, command: [./build.sh, '{output}'], platforms: [linux/amd64]${env} }]
    archives: { formats: [tar.gz] }
    images: [{ repository: hello, base: scratch, path: /usr/bin/hello }]
`

/** A repository whose release is a program that it holds. */
export function createCopying(registry = '127.0.0.1:9'): TestRepository {
  const repository = createRepository()
  writeFileSync(join(repository.path, 'hello.bin'), program('amd64', 'reviewed'))
  writeFileSync(join(repository.path, 'build.sh'), '#!/bin/sh\ncp hello.bin "$1"\n')
  chmodSync(join(repository.path, 'build.sh'), 0o755)
  repository.commit({
    message: 'feat: first',
    files: { 'waybill.yaml': copyingDefinition(registry), '.gitignore': '.waybill\ndist\n' },
  })
  return repository
}
