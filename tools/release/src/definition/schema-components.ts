/** The schema of a component, and of what it is made of. */
export const componentSchemas: Readonly<Record<string, unknown>> = {
  semanticVersion: {
    type: 'string',
    pattern: '^(?:0|[1-9][0-9]*)\\.(?:0|[1-9][0-9]*)\\.(?:0|[1-9][0-9]*)(?:-[0-9A-Za-z.-]+)?$',
  },
  namespace: {
    type: 'string',
    pattern: '^[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$',
  },
  platform: {
    type: 'string',
    pattern: '^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?$',
  },
  strings: {
    type: 'array',
    items: {
      type: 'string',
    },
  },
  names: {
    type: 'array',
    items: {
      type: 'string',
      minLength: 1,
    },
  },
  stringMap: {
    type: 'object',
    additionalProperties: {
      type: 'string',
    },
  },
  notes: {
    type: 'object',
    additionalProperties: false,
    properties: {
      body: {
        type: 'string',
      },
      intro: {
        type: 'string',
      },
      commits: {
        type: 'object',
        propertyNames: {
          pattern: '^[0-9a-f]{7,64}$',
        },
        additionalProperties: {
          oneOf: [
            {
              type: 'string',
            },
            {
              type: 'null',
            },
            {
              type: 'object',
              additionalProperties: false,
              properties: {
                section: {
                  enum: [
                    'breaking',
                    'added',
                    'changed',
                    'deprecated',
                    'removed',
                    'fixed',
                    'security',
                  ],
                },
                text: {
                  type: 'string',
                },
              },
            },
          ],
        },
      },
    },
  },
  component: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'tag'],
    properties: {
      path: {
        type: 'string',
        minLength: 1,
      },
      tag: {
        type: 'string',
        pattern: '\\{version\\}',
      },
      exclude: {
        $ref: '#/definitions/strings',
      },
      changelog: {
        type: 'string',
        minLength: 1,
      },
      versionFiles: {
        type: 'array',
        items: {
          oneOf: [
            {
              type: 'string',
              minLength: 1,
            },
            {
              type: 'object',
              additionalProperties: false,
              required: ['path'],
              properties: {
                path: {
                  type: 'string',
                  minLength: 1,
                },
                keys: {
                  $ref: '#/definitions/strings',
                },
                pattern: {
                  type: 'string',
                },
              },
            },
          ],
        },
      },
      builds: {
        type: 'array',
        items: {
          $ref: '#/definitions/build',
        },
      },
      archives: {
        $ref: '#/definitions/archives',
      },
      images: {
        type: 'array',
        items: {
          $ref: '#/definitions/image',
        },
      },
      release: {
        type: 'object',
        additionalProperties: false,
        required: ['forge'],
        properties: {
          forge: {
            enum: ['github'],
          },
          repository: {
            type: 'string',
            pattern: '^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$',
          },
          draft: {
            type: 'boolean',
          },
          notes: {
            type: 'string',
            minLength: 1,
          },
          latest: {
            type: 'boolean',
          },
        },
      },
      yanked: {
        description: 'Versions that no longer count as the highest.',
        $ref: '#/definitions/names',
      },
    },
  },
  build: {
    type: 'object',
    additionalProperties: false,
    required: ['toolchain', 'binary', 'platforms'],
    properties: {
      toolchain: {
        enum: ['zig', 'go', 'cargo-zigbuild', 'bun', 'deno', 'node-sea', 'command', 'prebuilt'],
      },
      binary: {
        type: 'string',
        pattern: '^[A-Za-z0-9._-]+$',
      },
      platforms: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: {
          $ref: '#/definitions/platform',
        },
      },
      sources: {
        $ref: '#/definitions/names',
      },
      package: {
        type: 'string',
      },
      entry: {
        type: 'string',
      },
      command: {
        $ref: '#/definitions/names',
      },
      output: {
        type: 'string',
      },
      from: {
        type: 'string',
      },
      flags: {
        $ref: '#/definitions/strings',
      },
      glibc: {
        type: 'string',
        pattern: '^[0-9]+\\.[0-9]+$',
      },
      static: {
        type: 'boolean',
      },
      env: {
        $ref: '#/definitions/stringMap',
      },
      versionDefine: {
        type: 'string',
      },
      versionArgs: {
        $ref: '#/definitions/names',
      },
      optional: {
        type: 'boolean',
      },
    },
  },
  archives: {
    type: 'object',
    additionalProperties: false,
    properties: {
      formats: {
        type: 'array',
        minItems: 1,
        items: {
          enum: ['tar.gz', 'tar.zst', 'zip'],
        },
      },
      name: {
        type: 'string',
        minLength: 1,
      },
      files: {
        $ref: '#/definitions/names',
      },
    },
  },
  digest: {
    type: 'string',
    pattern: '^sha256:[0-9a-f]{64}$',
  },
}
