/** What a definition may hold, as JSON Schema (draft 7); `waybill/schema` is this, as a file for editors. */
export const definitionSchema: Readonly<Record<string, unknown>> = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://waybill.invalid/waybill.schema.json',
  title: 'Waybill release definition',
  type: 'object',
  required: ['schemaVersion', 'components'],
  additionalProperties: false,
  properties: {
    $schema: {
      type: 'string',
    },
    schemaVersion: {
      const: 1,
    },
    policy: {
      description:
        "Which commits release: a preset, or the conventional one with rules of one's own.",
      oneOf: [
        {
          enum: [
            'conventional',
            'release-please',
            'semantic-release',
            'semantic-release/angular',
            'semantic-release/conventionalcommits',
            'every-commit',
            'release-plz',
            'changesets',
          ],
        },
        {
          type: 'object',
          additionalProperties: false,
          properties: {
            preset: {
              const: 'conventional',
            },
            types: {
              description: "What a commit type bumps, beside the preset's own.",
              type: 'object',
              minProperties: 1,
              additionalProperties: {
                enum: ['major', 'minor', 'patch', 'none'],
              },
            },
            caseSensitive: {
              type: 'boolean',
            },
            breakingBeforeMajor: {
              enum: ['major', 'minor', 'patch'],
            },
            featureBeforeMajor: {
              enum: ['minor', 'patch'],
            },
            initialVersion: {
              $ref: '#/definitions/semanticVersion',
            },
            allowDowngrade: {
              type: 'boolean',
            },
          },
        },
      ],
    },
    versions: {
      description: 'How versions move together, and what is written of them.',
      type: 'object',
      additionalProperties: false,
      properties: {
        fixed: {
          type: 'array',
          items: {
            $ref: '#/definitions/names',
          },
        },
        linked: {
          type: 'array',
          items: {
            $ref: '#/definitions/names',
          },
        },
        updateInternalDependents: {
          enum: ['out-of-range', 'always'],
        },
        prerelease: {
          type: 'string',
          pattern: '^(?![0-9]+$)[0-9A-Za-z-]+$',
        },
        changelog: {
          enum: ['existing', 'always', 'never'],
        },
        notes: {
          type: 'object',
          additionalProperties: {
            $ref: '#/definitions/notes',
          },
        },
      },
    },
    git: {
      description: 'Where release tags are pushed. Leave out to tag nothing.',
      type: 'object',
      additionalProperties: false,
      required: ['remote'],
      properties: {
        remote: {
          type: 'string',
          minLength: 1,
        },
      },
    },
    registries: {
      description: "Registry namespaces by a short name; an image's repository is appended.",
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        oneOf: [
          {
            $ref: '#/definitions/namespace',
          },
          {
            type: 'object',
            additionalProperties: false,
            required: ['at'],
            properties: {
              at: {
                $ref: '#/definitions/namespace',
              },
              optional: {
                type: 'boolean',
              },
            },
          },
        ],
      },
    },
    components: {
      description: 'What is released, by the name Release-As(name) uses.',
      type: 'object',
      minProperties: 1,
      propertyNames: {
        pattern: '^[A-Za-z0-9@][A-Za-z0-9@/._-]*$',
      },
      additionalProperties: {
        $ref: '#/definitions/component',
      },
    },
  },
  definitions: {
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
    image: {
      type: 'object',
      additionalProperties: false,
      required: ['repository', 'base', 'path'],
      properties: {
        repository: {
          type: 'string',
          pattern: '^[a-z0-9]+([._/-][a-z0-9]+)*$',
        },
        base: {
          type: 'string',
          minLength: 1,
        },
        path: {
          type: 'string',
          pattern: '^/.',
        },
        binary: {
          type: 'string',
        },
        identity: {
          oneOf: [
            {
              const: 'required',
            },
            {
              type: 'object',
              additionalProperties: false,
              required: ['waived'],
              properties: {
                waived: {
                  type: 'string',
                  minLength: 1,
                },
              },
            },
          ],
        },
        entrypoint: {
          description:
            'Programs that may start before the binary or run beside it, each accepted by its digest.',
          oneOf: [
            {
              $ref: '#/definitions/through',
            },
            {
              type: 'array',
              minItems: 1,
              items: {
                $ref: '#/definitions/through',
              },
            },
          ],
        },
        config: {
          $ref: '#/definitions/config',
        },
        labels: {
          $ref: '#/definitions/stringMap',
        },
        annotations: {
          $ref: '#/definitions/stringMap',
        },
        immutable: {
          $ref: '#/definitions/names',
        },
        rolling: {
          $ref: '#/definitions/names',
        },
        beforeRolling: {
          description:
            'Programs to run for every name@digest before a rolling name moves; {image} is filled in, or added as the last word.',
          type: 'array',
          items: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'string',
              minLength: 1,
            },
          },
        },
      },
    },
    through: {
      type: 'object',
      additionalProperties: false,
      required: ['through', 'digest'],
      properties: {
        through: {
          type: 'string',
          pattern: '^/.',
        },
        digest: {
          oneOf: [
            {
              $ref: '#/definitions/digest',
            },
            {
              type: 'array',
              minItems: 1,
              items: {
                $ref: '#/definitions/digest',
              },
            },
          ],
        },
        args: {
          $ref: '#/definitions/strings',
        },
      },
    },
    digest: {
      type: 'string',
      pattern: '^sha256:[0-9a-f]{64}$',
    },
    config: {
      type: 'object',
      additionalProperties: false,
      properties: {
        user: {
          type: 'string',
        },
        env: {
          $ref: '#/definitions/stringMap',
        },
        entrypoint: {
          oneOf: [
            {
              $ref: '#/definitions/strings',
            },
            {
              $ref: '#/definitions/through',
            },
          ],
        },
        cmd: {
          $ref: '#/definitions/strings',
        },
        exposedPorts: {
          $ref: '#/definitions/names',
        },
        volumes: {
          $ref: '#/definitions/names',
        },
        workingDir: {
          type: 'string',
        },
        stopSignal: {
          type: 'string',
        },
        healthcheck: {
          type: 'object',
          additionalProperties: false,
          required: ['test'],
          properties: {
            test: {
              $ref: '#/definitions/strings',
            },
            interval: {
              type: 'integer',
            },
            timeout: {
              type: 'integer',
            },
            startPeriod: {
              type: 'integer',
            },
            retries: {
              type: 'integer',
            },
          },
        },
      },
    },
  },
}
