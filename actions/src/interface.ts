import { code, component, definition, due, folder, out, registry } from './common.ts'
import type { Action } from './types.ts'

// The one place the inputs and outputs are written down: action.yml and README.md are made from it, and inputs are checked by it.

/** Every action: what it is for, its inputs and its outputs. */
export const actions = {
  setup: {
    tier: 'everyday',
    description:
      'Logs in to registries for the rest of the job. The credentials are tried, masked, and kept in a docker configuration of the job’s own, which later steps find through DOCKER_CONFIG and which is removed when the job ends.',
    inputs: {
      credentials: {
        kind: 'credential',
        list: true,
        required: true,
        description: 'HOST USER PASSWORD, one registry a line.',
      },
      ...registry,
    },
    outputs: { 'docker-config': 'The folder of that docker configuration.' },
    post: true,
  },
  gate: {
    tier: 'everyday',
    description:
      'Decides from the commits whether to release, and says why. Needs the whole history: fetch-depth 0. Nothing to release is no failure.',
    inputs: { ...component, ...definition, ...code },
    outputs: due,
  },
  build: {
    tier: 'everyday',
    description:
      'Compiles one cell of the matrix, or collects what the cells built and makes the archives and SHA256SUMS. With neither: all of it.',
    inputs: {
      cell: { kind: 'text', description: 'The id of the cell, from the matrix of the gate.' },
      join: {
        kind: 'path',
        description: 'A folder that holds a folder of each cell: collect these and archive.',
      },
      ...out,
      ...component,
      ...definition,
    },
    outputs: {
      path: 'The folder with what was built. Empty when nothing is due.',
      artifacts: 'The files that were built, as JSON: name, path, digest, size, platform.',
    },
    rules: [{ kind: 'exclusive', inputs: ['cell', 'join'] }],
  },
  release: {
    tier: 'everyday',
    description:
      'Collects what the cells built, makes archives and images, proves that both hold the same bytes, and publishes. Run again after any failure it finishes.',
    inputs: {
      parts: {
        kind: 'path',
        description:
          'A folder that holds a folder of each cell. Without it everything is compiled here.',
      },
      'dry-run': {
        kind: 'flag',
        description: 'Build and prove, print the plan, write nothing outside.',
        default: 'false',
      },
      token: {
        kind: 'text',
        description: 'For the release page.',
        default: '${{ github.token }}',
      },
      ...out,
      ...registry,
      ...component,
      ...definition,
    },
    outputs: {
      outcome: 'released, unchanged (all of it stood already), planned (dry run), or nothing.',
      version: 'The version. Empty when there is none, or more than one.',
      digest: 'The digest of the image, one a line where there are several.',
      'release-url':
        'The release page, one a line where there are several; a draft’s is seen by who may write alone. Empty where there is none.',
      receipt: 'The file with the receipt. Empty when nothing was published.',
      report: 'The file with the report (HTML). Empty when nothing was released.',
    },
  },
  lint: {
    tier: 'splitting',
    description: 'Checks a pull request’s title and description as the commit they will be.',
    inputs: {
      title: {
        kind: 'message',
        description: 'The title.',
        required: true,
        default: '${{ github.event.pull_request.title }}',
      },
      body: {
        kind: 'message',
        description: 'The description.',
        default: '${{ github.event.pull_request.body }}',
      },
    },
    outputs: {
      ok: 'Whether nothing is wrong: true or false.',
      bump: 'What the commit bumps: major, minor, patch or none.',
      findings: 'What was found, as JSON.',
    },
  },
  version: {
    tier: 'splitting',
    description:
      'Plans the versions of manifests and changelogs, and edits them where that is asked for. Commits nothing.',
    inputs: {
      apply: { kind: 'flag', description: 'Edit the files: all or none.', default: 'false' },
      ...component,
      ...definition,
      ...code,
    },
    outputs: {
      release: 'Whether a version changes: true or false.',
      releases: 'The versions, as JSON: component, from, to, bump, reasons.',
      files: 'The files that change, one a line.',
    },
  },
  plan: {
    tier: 'splitting',
    description: 'Shows what would be released and built. Reads git alone, for pull requests.',
    inputs: { ...component, ...definition, ...code },
    outputs: due,
  },
  image: {
    tier: 'splitting',
    description:
      'Assembles an image of several platforms from binaries and a base, as an OCI layout.',
    inputs: {
      binaries: {
        kind: 'binary',
        list: true,
        required: true,
        description: 'os/architecture=FILE, one a line.',
      },
      base: {
        kind: 'text',
        required: true,
        description: 'An image (with its digest), a folder with an OCI layout, or scratch.',
      },
      path: {
        kind: 'inImage',
        required: true,
        description: 'Where the binary stands in the image.',
      },
      out: { kind: 'path', description: 'Where the layout is written.', default: 'dist/image' },
      version: { kind: 'version', description: 'For the label.' },
      commit: {
        kind: 'commit',
        description: 'For the label, and the sha- name when it is published.',
      },
      created: { kind: 'time', description: 'A time, or @SECONDS. Without it: 1970.' },
      user: { kind: 'text', description: 'Whom it runs as.' },
      ports: { kind: 'text', list: true, description: 'Ports it listens on, one a line.' },
      env: { kind: 'pair', list: true, description: 'Environment variables, one a line.' },
      labels: { kind: 'pair', list: true, description: 'Labels, one a line.' },
      entrypoint: { kind: 'words', description: 'A word or a JSON array. Without it: the binary.' },
      cmd: { kind: 'words', description: 'Default arguments, a word or a JSON array.' },
      workdir: { kind: 'inImage', description: 'The working folder.' },
      'stop-signal': { kind: 'text', description: 'The signal that ends it.' },
      ...registry,
      ...folder,
    },
    outputs: {
      digest: 'The digest of the image.',
      layout: 'The folder with the OCI layout.',
    },
  },
  verify: {
    tier: 'splitting',
    description: 'Proves that an image holds the released bytes, for every platform.',
    inputs: {
      image: {
        kind: 'text',
        required: true,
        description: 'A reference, or a folder with an OCI layout.',
      },
      artifacts: {
        kind: 'path',
        required: true,
        description: 'The released files: a folder, or its SHA256SUMS.',
      },
      path: {
        kind: 'inImage',
        description:
          'Where the binary stands in the image. Without it: the entrypoint’s first word.',
      },
      ...registry,
      ...folder,
    },
    outputs: {
      ok: 'Whether every platform holds: true or false.',
      checked: 'What was compared, as JSON: platform, path, and both digests.',
    },
  },
  publish: {
    tier: 'splitting',
    description:
      'Publishes an image to every repository, or none of its names: content, immutable names everywhere, rolling names. Refuses an image without a proof.',
    inputs: {
      image: {
        kind: 'text',
        required: true,
        description: 'A folder with an OCI layout, or a reference.',
      },
      version: { kind: 'version', required: true, description: 'The version to publish.' },
      to: {
        kind: 'repository',
        list: true,
        required: true,
        description: 'Repositories to publish to, one a line.',
      },
      optional: {
        kind: 'repository',
        list: true,
        description: 'Repositories whose failure is only reported, one a line.',
      },
      artifacts: {
        kind: 'path',
        description: 'The released files the image is proved against.',
      },
      'waive-identity': {
        kind: 'text',
        description: 'A reason to publish without that proof; the receipt keeps it.',
      },
      path: { kind: 'inImage', description: 'Where the binary stands in the image.' },
      commit: {
        kind: 'commit',
        description: 'The released commit. Without it: the image’s label.',
      },
      git: { kind: 'text', description: 'The git remote the tag is pushed to.' },
      'git-tag': { kind: 'text', description: 'The git tag.' },
      'tag-prefix': { kind: 'text', description: 'Put before every tag.' },
      channel: { kind: 'text', description: 'Move this channel’s tag and nothing else.' },
      'plan-digest': { kind: 'digest', description: 'Publish only if the plan has this digest.' },
      'dry-run': {
        kind: 'flag',
        description: 'Print the plan and its digest, write nothing.',
        default: 'false',
      },
      ...out,
      ...registry,
      ...folder,
    },
    outputs: {
      outcome: 'released, unchanged (all of it stood already), or planned (dry run).',
      digest: 'The digest that was published.',
      plan: 'The digest of the plan.',
      receipt: 'The file with the receipt. Empty after a dry run.',
    },
    rules: [
      { kind: 'one', inputs: ['artifacts', 'waive-identity'] },
      { kind: 'together', inputs: ['git', 'git-tag'] },
    ],
  },
} as const satisfies Record<string, Action>

export type ActionName = keyof typeof actions
