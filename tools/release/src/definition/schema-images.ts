/** The schema of a component's images. */
export const imageSchemas: Readonly<Record<string, unknown>> = {
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
}
