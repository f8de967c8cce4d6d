import { gzip, writeTar, type TarInput } from '@waybill/archive'
import { collect, digestOf } from '@waybill/core'

/** An image, as it goes into an archive. */
export interface Made {
  readonly layers: readonly (readonly TarInput[])[]
  readonly architecture?: string
  readonly compress?: boolean
  readonly config?: Readonly<Record<string, unknown>>
}

/** A tar archive of members. */
export const tarOf = (entries: readonly TarInput[]): Promise<Uint8Array> =>
  collect(writeTar(entries), 1e9, 'tar')

/** A member of JSON. */
export const doc = (path: string, value: unknown): TarInput => {
  const content = Buffer.from(JSON.stringify(value))
  return { path, type: 'file', size: content.byteLength, content }
}

/** An archive as engines write it: layers first, then what they mean. */
export async function archiveOf({
  layers,
  architecture = 'amd64',
  ...made
}: Made): Promise<Uint8Array> {
  const tars = await Promise.all(layers.map(tarOf))
  const stored = await Promise.all(
    tars.map((tar) => (made.compress ? collect(gzip([tar], { level: 9 }), 1e9, 'gz') : tar)),
  )
  const config = {
    architecture,
    os: 'linux',
    created: '2020-01-01T00:00:00Z',
    config: made.config ?? { Entrypoint: ['/usr/bin/hello'] },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: tars.map(() => ({ created: '2020-01-01T00:00:00Z' })),
  }
  return tarOf([
    ...stored.map((content, index): TarInput => {
      const path = `${index}/layer.tar`
      return { path, type: 'file', size: content.byteLength, content }
    }),
    doc('config.json', config),
    doc('manifest.json', [
      {
        Config: 'config.json',
        RepoTags: ['hello:1'],
        Layers: tars.map((_, index) => `${index}/layer.tar`),
      },
    ]),
  ])
}
