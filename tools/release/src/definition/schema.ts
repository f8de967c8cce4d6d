import { componentSchemas } from './schema-components.ts'
import { imageSchemas } from './schema-images.ts'

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
  definitions: { ...componentSchemas, ...imageSchemas },
}
