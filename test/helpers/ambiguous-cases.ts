// Ways in which a document of an image says two things, as text edits of what Waybill wrote.
import * as assert from 'uvu/assert'
import type { Level } from './changed-layout.ts'

export interface AmbiguousCase {
  readonly level: Level
  readonly what: string
  readonly change: (text: string) => string
  /** What the error says. */
  readonly says: RegExp
}

export const add =
  (before: string, added: string) =>
  (text: string): string => {
    assert.ok(text.includes(before), `${before} in ${text}`)
    return text.replace(before, `${added}${before}`)
  }
export const atEnd =
  (added: string) =>
  (text: string): string =>
    text.replace(/\}\s*$/, `,${added}}`)
const rename =
  (from: string, to: string) =>
  (text: string): string => {
    assert.ok(text.includes(from), `${from} in ${text}`)
    return text.replace(from, to)
  }
const EVIL = '["/evil"]'

export const AMBIGUOUS_CASES: readonly AmbiguousCase[] = [
  {
    level: 'config',
    what: 'entrypoint behind Entrypoint',
    change: rename('"Entrypoint":["/app"]', `"Entrypoint":["/app"],"entrypoint":${EVIL}`),
    says: /config: the keys "Entrypoint" and "entrypoint"/,
  },
  {
    level: 'config',
    what: 'ENTRYPOINT before Entrypoint',
    change: add('"Entrypoint"', `"ENTRYPOINT":${EVIL},`),
    says: /config: .*"ENTRYPOINT"/,
  },
  {
    level: 'config',
    what: 'Entrypoint twice',
    change: add('"Entrypoint"', `"Entrypoint":${EVIL},`),
    says: /config: the key "Entrypoint" is there twice/,
  },
  {
    level: 'config',
    what: 'Entrypoint as entrypoint',
    change: rename('"Entrypoint"', '"entrypoint"'),
    says: /config: expected the key "Entrypoint", found "entrypoint"/,
  },
  {
    level: 'config',
    what: 'an escaped Entrypoint',
    change: add('"Entrypoint"', `"\\u0045ntrypoint":${EVIL},`),
    says: /is there twice/,
  },
  {
    level: 'config',
    what: 'a user in another case',
    change: add('"Entrypoint"', '"user":"0",'),
    says: /expected the key "User", found "user"/,
  },
  {
    level: 'config',
    what: 'env in another case',
    change: add('"Entrypoint"', '"env":["LD_PRELOAD=/x.so"],'),
    says: /expected the key "Env", found "env"/,
  },
  {
    level: 'config',
    what: 'Config beside config',
    change: atEnd(`"Config":{"Entrypoint":${EVIL}}`),
    says: /the keys "config" and "Config"/,
  },
  {
    level: 'config',
    what: 'rootfs with a long s',
    change: atEnd('"rootf\u017f":{}'),
    says: /"rootfs" and "rootf\\u017f"/,
  },
  {
    level: 'config',
    what: 'architecture twice',
    change: atEnd('"architecture":"arm64"'),
    says: /"architecture" is there twice/,
  },
  {
    level: 'manifest',
    what: 'Layers behind layers',
    change: atEnd('"Layers":[]'),
    says: /the keys "layers" and "Layers"/,
  },
  {
    level: 'manifest',
    what: 'layers twice',
    change: atEnd('"layers":[]'),
    says: /"layers" is there twice/,
  },
  {
    level: 'manifest',
    what: 'Config behind config',
    change: atEnd('"Config":{}'),
    says: /the keys "config" and "Config"/,
  },
  {
    level: 'manifest',
    what: 'digest and Digest of the configuration',
    change: add('"digest"', '"Digest":"sha256:00",'),
    says: /config: expected the key "digest", found "Digest"/,
  },
  {
    level: 'manifest',
    what: 'Manifests in a manifest',
    change: atEnd('"Manifests":[]'),
    says: /expected the key "manifests", found "Manifests"/,
  },
  {
    level: 'manifest',
    what: 'mediatype beside mediaType',
    change: atEnd('"mediatype":"application/vnd.oci.image.index.v1+json"'),
    says: /"mediaType" and "mediatype"/,
  },
  {
    level: 'index',
    what: 'Manifests behind manifests',
    change: atEnd('"Manifests":[]'),
    says: /the keys "manifests" and "Manifests"/,
  },
  {
    level: 'index',
    what: 'manifests twice',
    change: atEnd('"manifests":[]'),
    says: /"manifests" is there twice/,
  },
  {
    level: 'index',
    what: 'Digest in an entry',
    change: add('"digest"', '"DIGEST":"sha256:00",'),
    says: /manifests\[0\]: expected the key "digest", found "DIGEST"/,
  },
  {
    level: 'index',
    what: 'OS in a platform',
    change: add('"os"', '"OS":"windows",'),
    says: /manifests\[0\]\.platform: expected the key "os", found "OS"/,
  },
  {
    level: 'index',
    what: 'Layers in an index',
    change: atEnd('"Layers":[]'),
    says: /expected the key "layers", found "Layers"/,
  },
  {
    level: 'index.json',
    what: 'Manifests behind manifests',
    change: atEnd('"Manifests":[]'),
    says: /index\.json: the keys "manifests" and "Manifests"/,
  },
  {
    level: 'index.json',
    what: 'Digest in its entry',
    change: add('"digest"', '"Digest":"sha256:00",'),
    says: /index\.json: manifests\[0\]: expected the key "digest", found "Digest"/,
  },
  {
    level: 'index.json',
    what: 'an annotation twice',
    change: atEnd('"annotations":{"a":"1","a":"2"}'),
    says: /index\.json: annotations: the key "a" is there twice/,
  },
  {
    level: 'oci-layout',
    what: 'its version twice',
    change: atEnd('"imageLayoutVersion":"1.0.0"'),
    says: /oci-layout: the key "imageLayoutVersion" is there twice/,
  },
  {
    level: 'oci-layout',
    what: 'its version in another case',
    change: rename('imageLayoutVersion', 'imagelayoutversion'),
    says: /expected the key "imageLayoutVersion"/,
  },
]
