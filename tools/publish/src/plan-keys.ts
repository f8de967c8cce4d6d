import { DESCRIPTOR_SHAPE, freeKeys, knows, type JsonShape } from '@waybill/core'

/** The keys of a publish plan as JSON, with the `digest` that the command line prints with it; which of them are required `planShape` says. */
export const PLAN_KEYS: JsonShape = knows(['schemaVersion', 'digest'], {
  release: knows(['component', 'path', 'version', 'tag', 'commit', 'created']),
  naming: knows('version commit tagPrefix channel yanked immutable rolling majorZero'.split(' ')),
  subject: DESCRIPTOR_SHAPE,
  proof: knows(['kind', 'reason'], {
    checked: knows(['platform', 'path', 'image', 'released', 'artifact']),
    through: knows(['platform', 'path', 'digest']),
  }),
  artifacts: knows('kind name path digest size platform component triple'.split(' ')),
  destinations: freeKeys(
    knows(['kind', 'required', 'digest', 'immutable', 'rolling'], { digests: freeKeys() }),
  ),
  observed: freeKeys(freeKeys()),
})
