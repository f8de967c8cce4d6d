import {
  WaybillError,
  algorithmOf,
  createDigester,
  isDigest,
  type Descriptor,
  type Platform,
} from '@waybill/core'

/** Reads values out of foreign JSON; every failure names the document and the field. */
export interface Fields {
  readonly where: string
  fail(field: string, expected: string): WaybillError
  text(field: string): string
  optionalText(field: string): string | undefined
  texts(field: string): Readonly<Record<string, string>> | undefined
  list(field: string): readonly Fields[]
  textList(field: string): readonly string[] | undefined
  fields(field: string): Fields | undefined
  descriptor(field: string): Descriptor
  readonly value: Readonly<Record<string, unknown>>
}

// More descriptors than the largest manifest can hold; what is shorter than a descriptor is no entry, and costs a kilobyte here.
const LONGEST = 40_000

/** Opens a JSON object for reading. @throws {ERR_INVALID_IMAGE} */
export function fieldsOf(value: unknown, where: string): Fields {
  const fail = (field: string, expected: string): WaybillError =>
    new WaybillError('ERR_INVALID_IMAGE', `${where}: expected ${field} to be ${expected}`, {
      hint: 'The image was damaged, or written by a tool that does not follow the OCI image-spec.',
      details: { where, field },
    })
  if (!isRecord(value)) throw fail('it', 'a JSON object')
  const object: Readonly<Record<string, unknown>> = value

  // A null stands for an absent member: Go programs write it for empty lists and maps.
  const member = (field: string): unknown =>
    Object.hasOwn(object, field) ? (object[field] ?? undefined) : undefined

  function text(field: string): string {
    const found = member(field)
    if (typeof found !== 'string') throw fail(field, 'a text')
    return found
  }

  function list(field: string): readonly unknown[] {
    const found = member(field) ?? []
    if (!Array.isArray(found)) throw fail(field, 'a list')
    return found
  }

  return {
    where,
    value: object,
    fail,
    text,
    optionalText: (field) => (member(field) === undefined ? undefined : text(field)),
    texts(field) {
      const found = member(field)
      if (found === undefined) return undefined
      if (!isRecord(found) || !Object.values(found).every((one) => typeof one === 'string'))
        throw fail(field, 'an object of texts')
      return found as Record<string, string>
    },
    list(field) {
      const found = list(field)
      if (found.length > LONGEST) throw fail(field, `a list of at most ${LONGEST}`)
      return found.map((item, index) => fieldsOf(item, `${where} ${field}[${index}]`))
    },
    textList(field) {
      if (member(field) === undefined) return undefined
      const found = list(field)
      if (!found.every((one) => typeof one === 'string')) throw fail(field, 'a list of texts')
      return found as readonly string[]
    },
    fields(field) {
      const found = member(field)
      return found === undefined ? undefined : fieldsOf(found, `${where} ${field}`)
    },
    descriptor: (field) => parseDescriptor(member(field), `${where} ${field}`),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a descriptor. OCI image-spec, descriptor.md. @throws {ERR_INVALID_IMAGE} */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const fields = fieldsOf(value, where)
  const digest = fields.text('digest')
  if (!isDigest(digest)) throw fields.fail('digest', 'a whole sha256 or sha512 digest')
  const { size } = fields.value
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw fields.fail('size', 'a whole number of bytes')
  const platform = fields.fields('platform')
  const urls = fields.textList('urls')
  const descriptor = {
    mediaType: fields.text('mediaType'),
    digest,
    size: size as number,
    platform: platform === undefined ? undefined : platformIn(platform),
    annotations: fields.texts('annotations'),
    artifactType: fields.optionalText('artifactType'),
    urls: urls === undefined || urls.length === 0 ? undefined : urls,
    data: fields.optionalText('data'),
  }
  if (descriptor.data !== undefined)
    assertEmbedded(fields, descriptor.data, { digest, size: descriptor.size })
  return defined(descriptor)
}

// Some readers take embedded content in place of the blob, so it may be nothing else. OCI image-spec, descriptor.md, "Embedded Content".
function assertEmbedded(
  fields: Fields,
  data: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): void {
  const bytes = Buffer.from(data, 'base64')
  const digester = createDigester(algorithmOf(digest))
  digester.update(bytes)
  const isWhole = bytes.toString('base64') === data && bytes.byteLength === size
  if (!isWhole || digester.digest() !== digest)
    throw fields.fail('data', `the very content of ${digest}, in base64`)
}

/** Reads a platform. OCI image-spec, image-index.md. @throws {ERR_INVALID_IMAGE} */
export function platformIn(fields: Fields): Platform {
  const variant = fields.optionalText('variant')
  const osVersion = fields.optionalText('os.version')
  const features = fields.textList('os.features') ?? []
  return {
    os: fields.text('os'),
    architecture: fields.text('architecture'),
    ...(variant === undefined || variant === '' ? {} : { variant }),
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(features.length === 0 ? {} : { 'os.features': features }),
  }
}

/** An object without its undefined members. */
export function defined<Value extends object>(value: {
  readonly [Key in keyof Value]: Value[Key] | undefined
}): Value {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Value
}
