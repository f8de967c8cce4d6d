import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { medianOf, type Contender } from './bench-pairs.ts'

const root = resolve(import.meta.dirname, '../..')
const RUNS = 7

const OURS = `schemaVersion: 1
components:
  clock:
    path: .
    tag: "v{version}"
    builds:
      - { toolchain: go, binary: clock, versionDefine: main.version, platforms: [linux/amd64, linux/arm64] }
`
const THEIRS = `version: 2
project_name: clock
builds:
  - binary: clock
    env: [CGO_ENABLED=0]
    flags: [-trimpath]
    ldflags: ["-s -w -buildid= -X main.version={{ .Version }}"]
    targets: [linux_amd64, linux_arm64]
    mod_timestamp: "{{ .CommitTimestamp }}"
archives:
  - formats: [tar.gz]
checksum: { name_template: SHA256SUMS }
`

/** Builds and archives the Go example for two targets, again and again unchanged: our command line and goreleaser, each as whole processes. */
export function benchGoreleaser(folder: string): void {
  if (spawnSync('goreleaser', ['--version']).status !== 0) {
    console.log('goreleaser is not here: go install github.com/goreleaser/goreleaser/v2@v2.13.3')
    return
  }
  makeRepository(folder)
  const times = medianOf([ours(folder), theirs(folder)], RUNS)
  for (const [name, taken] of times) console.log(`${name.padEnd(44)} ${taken.toFixed(0)} ms`)
  const ratio = times.get('waybill build, waybill archive')! / times.get('goreleaser release')!
  const sizes = ['waybill', 'dist'].map((name) => sizeOfArchives(join(folder, name)))
  console.log(
    `${ratio.toFixed(2)} times the time (wanted: at most 1), ${(sizes[0]! / sizes[1]!).toFixed(3)} times the bytes`,
  )
}

function makeRepository(folder: string): void {
  cpSync(join(root, 'docs/examples/go-service'), folder, { recursive: true })
  writeFileSync(join(folder, 'waybill.yaml'), OURS)
  writeFileSync(join(folder, '.goreleaser.yaml'), THEIRS)
  writeFileSync(join(folder, '.gitignore'), 'dist\nwaybill\n.waybill\n')
  const git = (...args: readonly string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', ...args], {
      cwd: folder,
      stdio: 'pipe',
    })
  git('init', '--quiet')
  git('remote', 'add', 'origin', 'https://example.org/acme/clock.git')
  git('add', '.')
  git('commit', '--quiet', '--message', 'feat: the time')
  git('tag', 'v0.1.0')
}

function ours(folder: string): Contender {
  const waybill = `"${process.execPath}" "${root}/tools/waybill/bin/waybill.js"`
  const rest = `--cwd "${folder}" --out "${folder}/waybill" --quiet`
  const script = `${waybill} build ${rest} && ${waybill} archive ${rest}`
  return { name: 'waybill build, waybill archive', file: '/bin/sh', args: ['-c', script] }
}

function theirs(folder: string): Contender {
  const script = `cd "${folder}" && goreleaser release --clean --skip=publish`
  return { name: 'goreleaser release', file: '/bin/sh', args: ['-c', script] }
}

function sizeOfArchives(folder: string): number {
  const archives = readdirSync(folder).filter((name) => name.endsWith('.tar.gz'))
  return archives.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
