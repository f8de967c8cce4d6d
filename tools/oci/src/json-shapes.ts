import { freeKeys, knows, type JsonShape } from '@waybill/core'

/** The file `oci-layout`. OCI image-spec, image-layout.md. */
export const LAYOUT_SHAPE: JsonShape = knows(['imageLayoutVersion'])

const HEALTHCHECK: JsonShape = knows([
  'Test',
  'Interval',
  'Timeout',
  'StartPeriod',
  'StartInterval',
  'Retries',
])

// OCI image-spec, config.md, and what Docker keeps beside it: api/types/container/config.go.
const RUN_CONFIG: JsonShape = knows(
  `Hostname Domainname User AttachStdin AttachStdout AttachStderr PortSpecs Tty OpenStdin StdinOnce Env Entrypoint Cmd ArgsEscaped
   Image WorkingDir NetworkDisabled MacAddress OnBuild StopSignal StopTimeout Shell Memory MemorySwap CpuShares`.split(
    /\s+/,
  ),
  { ExposedPorts: freeKeys(), Volumes: freeKeys(), Labels: freeKeys(), Healthcheck: HEALTHCHECK },
)

/** An image's configuration: OCI image-spec, config.md, and Docker's image specification. */
export const CONFIG_SHAPE: JsonShape = knows(
  `created author architecture os os.version os.features variant id parent comment container docker_version Size`.split(
    ' ',
  ),
  {
    config: RUN_CONFIG,
    container_config: RUN_CONFIG,
    rootfs: knows(['type', 'diff_ids']),
    history: knows(['created', 'created_by', 'author', 'comment', 'empty_layer']),
  },
)
