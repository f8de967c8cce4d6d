// Every contender's way to do the same work, as a script of the shell would: one command after the other.
import { join, resolve } from 'node:path'
import { COMMIT, PATH, TAGS, VERSION, type Binary, type Job, type Work } from './job.ts'

export interface Contender {
  readonly name: string
  /** What it does more or less than the others. */
  readonly note: string
  /** The programs it needs. */
  readonly needs: readonly string[]
  script(job: Job): string
}

const WAYBILL = resolve(import.meta.dirname, '../../../../tools/waybill/bin/waybill.js')

const lines = (...parts: readonly (string | readonly string[])[]): string => parts.flat().join('\n')

const all = ({ repositories }: Job): string[] =>
  repositories.flatMap((repository) => TAGS.map((tag) => `${repository}:${tag}`))

function waybill(work: Work, ending: string): string {
  const binaries = work.binaries.map(({ platform, file }) => `--binary ${platform}=${file}`)
  const config = `--entrypoint /${PATH} --user 65532 --port 8080 --commit ${COMMIT}`
  const words = [...binaries, `--base ${work.base} --path /${PATH}`, config, ending]
  // From nothing is from an empty cache; again is with what the first run left there.
  const own = `XDG_CACHE_HOME=${work.folder}/cache XDG_STATE_HOME=${work.folder}/state`
  return `${own} exec ${process.execPath} ${WAYBILL} image ${words.join(' ')}`
}

function waybillPublish(job: Job, proof: string): string {
  const to = job.repositories.map((repository) => `--to ${repository}`).join(' ')
  return waybill(job, `--version ${VERSION} ${proof} ${to} --cwd ${job.folder} --yes`)
}

/** Writes the image into a layout, for a contender that only copies. */
export const layoutScript = (work: Work): string => waybill(work, `--out ${work.layout}`)

function crane(job: Job): string {
  const [first, second] = job.repositories
  const images = job.binaries.map((binary) => `${first}:${binary.architecture}`)
  const tags = job.repositories.flatMap((repository) =>
    TAGS.slice(1).map((tag) => `crane tag ${repository}:${VERSION} ${tag}`),
  )
  return lines(
    job.binaries.flatMap((binary, index) => craneImage(job, binary, images[index]!)),
    `crane index append ${images.map((image) => `-m ${image}`).join(' ')} -t ${first}:${VERSION}`,
    `crane copy ${first}:${VERSION} ${second}:${VERSION}`,
    tags,
  )
}

function craneImage(job: Job, { platform, root, architecture }: Binary, image: string): string[] {
  const tar = join(job.folder, `${architecture}.tar`)
  return [
    `tar -C ${root} -cf ${tar} ${PATH}`,
    `crane append --platform ${platform} -b ${job.base} -f ${tar} -t ${image}`,
    `crane mutate ${image} --entrypoint /${PATH} --user 65532 --exposed-ports 8080/tcp -t ${image}`,
  ]
}

function skopeo(job: Job): string {
  const options = '--all --preserve-digests --dest-tls-verify=false'
  return lines(all(job).map((to) => `skopeo copy ${options} oci:${job.layout} docker://${to}`))
}

function buildah(job: Job): string {
  const { binaries, base, folder } = job
  const run = `buildah --storage-driver vfs --root ${folder}/root --runroot ${folder}/run`
  const image = ({ architecture, file }: Binary): string[] => [
    `c=$(${run} from --arch ${architecture} --tls-verify=false ${base})`,
    `${run} copy $c ${file} /${PATH}`,
    `${run} config --entrypoint '["/${PATH}"]' --user 65532 --port 8080 $c`,
    `${run} commit --timestamp 0 $c localhost/service:${architecture}`,
    `${run} rm $c`,
  ]
  const parts = binaries.map(({ architecture }) => `localhost/service:${architecture}`)
  return lines(
    binaries.flatMap(image),
    `${run} manifest rm localhost/service:all || true`,
    `${run} manifest create localhost/service:all ${parts.join(' ')}`,
    all(job).map(
      (to) => `${run} manifest push --all --tls-verify=false localhost/service:all docker://${to}`,
    ),
  )
}

// The engine keeps the base between runs; only the layer with the binary is built anew.
function docker(job: Job): string {
  const file = lines(
    `FROM ${job.base}`,
    `COPY ${PATH} /${PATH}`,
    `ENTRYPOINT ["/${PATH}"]`,
    'USER 65532',
    'EXPOSE 8080',
  )
  const image = ({ architecture, platform, root }: Binary): string[] => {
    const names = job.repositories.map((repository) => `${repository}:${architecture}`)
    const tags = names.map((name) => `-t ${name}`).join(' ')
    return [
      `$docker build -q $cache --platform ${platform} -f ${job.folder}/Dockerfile ${tags} ${root}`,
      ...names.map((name) => `$docker push -q ${name}`),
    ]
  }
  const index = (to: string): string[] => {
    const parts = job.binaries.map(({ architecture }) => to.replace(/:[^:]*$/, `:${architecture}`))
    return [
      `$docker manifest create --insecure ${to} ${parts.join(' ')}`,
      `$docker manifest push --purge --insecure ${to}`,
    ]
  }
  return lines(
    'docker=/usr/bin/docker',
    `export DOCKER_BUILDKIT=1 DOCKER_CONFIG=${job.folder}/config`,
    `[ -e ${job.folder}/Dockerfile ] && cache= || cache=--no-cache`,
    `cat > ${job.folder}/Dockerfile <<'END'`,
    file,
    'END',
    job.binaries.flatMap(image),
    all(job).flatMap(index),
  )
}

/** All of them; the first is the one that others are compared with. */
export const contenders: readonly Contender[] = [
  {
    name: 'crane',
    note: 'append, mutate, index append, copy, tag',
    needs: ['crane version'],
    script: crane,
  },
  {
    name: 'waybill image',
    note: 'one process; proves the image against the released archives, reads everything back',
    needs: [],
    script: (job) => waybillPublish(job, `--artifacts ${job.released}`),
  },
  {
    name: 'waybill image, waived',
    note: 'the same without the proof, which no other does',
    needs: [],
    script: (job) => waybillPublish(job, '--waive-identity benchmark'),
  },
  {
    name: 'skopeo copy',
    note: 'copies an image that was assembled before',
    needs: ['skopeo --version'],
    script: skopeo,
  },
  {
    name: 'buildah',
    note: 'from, copy, config, commit, manifest push; driver vfs',
    needs: ['buildah --version'],
    script: buildah,
  },
  {
    name: 'docker',
    note: 'build, push, manifest create and push; the base stays in the engine',
    needs: ['/usr/bin/docker info'],
    script: docker,
  },
]
