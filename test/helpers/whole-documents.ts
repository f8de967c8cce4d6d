// One document of each kind with every field that Go's structs know (helpers/go-json.ts).
const DIGEST = `sha256:${'a'.repeat(64)}`

const descriptor = (mediaType: string, more: object = {}): object => ({
  mediaType,
  digest: DIGEST,
  size: 7,
  ...more,
})

const full = (mediaType: string): object =>
  descriptor(mediaType, {
    urls: ['https://example.com/x'],
    annotations: { kind: 'one', other: 'two' },
    data: 'AAAA',
    platform: {
      architecture: 'amd64',
      os: 'linux',
      'os.version': '1',
      'os.features': ['a'],
      variant: 'v2',
    },
    artifactType: 'application/x',
  })

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

export const wholeDocuments = {
  manifest: {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: 'application/x',
    config: descriptor(CONFIG),
    layers: [full(LAYER), descriptor(LAYER)],
    subject: descriptor(MANIFEST),
    annotations: { kind: 'k', stage: 's' },
  },
  index: {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    artifactType: 'application/x',
    manifests: [full(MANIFEST), descriptor(MANIFEST)],
    subject: descriptor(MANIFEST),
    annotations: { kind: 'k', stage: 's' },
  },
  config: {
    created: '2026-01-02T03:04:05Z',
    author: 'me',
    architecture: 'amd64',
    os: 'linux',
    'os.version': '1',
    variant: 'v2',
    config: {
      User: '65532',
      ExposedPorts: { '80/tcp': {} },
      Env: ['A=B', 'C=D'],
      Entrypoint: ['/hello', 'x'],
      Cmd: ['--port', '80'],
      Volumes: { '/data': {} },
      WorkingDir: '/w',
      Labels: { task: 'one', other: 'two' },
      StopSignal: 'SIGTERM',
      StopTimeout: 3,
      Shell: ['sh', '-c'],
      OnBuild: ['RUN x', 'RUN y'],
      Healthcheck: { Test: ['CMD', 'x'], Interval: 1, Timeout: 2, StartPeriod: 3, Retries: 4 },
    },
    rootfs: { type: 'layers', diff_ids: [DIGEST, DIGEST] },
    history: [{ created: 'c', created_by: 'b', comment: 'x', empty_layer: true }],
  },
  plan: {
    schemaVersion: 1,
    digest: DIGEST,
    subject: descriptor(MANIFEST),
    naming: { version: '1.0.0', commit: 'abc', yanked: ['0.1.0', '0.2.0'], rolling: ['latest'] },
    proof: {
      kind: 'identity',
      reason: 'r',
      checked: [{ platform: 'linux/amd64', path: '/hello', image: DIGEST, released: DIGEST }],
      through: [{ platform: 'linux/amd64', path: '/init', digest: DIGEST }],
    },
    artifacts: [{ kind: 'archive', name: 'n', path: 'p', digest: DIGEST, size: 3 }],
    destinations: {
      'registry.example/a/b': {
        kind: 'oci',
        required: true,
        digest: DIGEST,
        digests: { skip: DIGEST },
        immutable: ['1.0.0'],
        rolling: ['latest', '1'],
      },
    },
    observed: { 'registry.example/a/b': { task: 'absent' } },
  },
} as const
