import { DESCRIPTOR_SHAPE, freeKeys, knows, type JsonShape } from '@waybill/core'

/** `manifest.json` of a Docker archive. */
export const ARCHIVE_SHAPE: JsonShape = knows(['Config', 'RepoTags', 'Layers', 'Parent'], {
  LayerSources: freeKeys(DESCRIPTOR_SHAPE),
})
