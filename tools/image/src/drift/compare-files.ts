import { compareText, createDigester, type Digest } from '@waybill/core'
import { type Image } from '@waybill/oci'
import { readTree, fileOf, listTree, type TreeNode } from '@waybill/oci/internal'
import type { Drift } from './types.ts'

interface Compared {
  readonly drifts: readonly Drift[]
  readonly counts: readonly [number, number]
}

/** Compares the files of two images as containers of them would see them. */
export async function compareFiles(a: Image, b: Image): Promise<Compared> {
  const [left, right] = await Promise.all([treeOf(a), treeOf(b)])
  const paths = [...new Set([...left.keys(), ...right.keys()])].toSorted(compareText)
  const drifts: Drift[] = []
  const doubtful: { readonly path: string; readonly one: TreeNode; readonly other: TreeNode }[] = []
  for (const path of paths) {
    const [one, other] = [left.get(path), right.get(path)]
    if (one === undefined || other === undefined) drifts.push(...alone(path, left, right))
    else if (!isSameMember(a, b, { one, other })) {
      drifts.push(...compareHeaders(path, one, other))
      const bothFiles = sizeOf(one) !== undefined && sizeOf(other) !== undefined
      if (bothFiles && sizeOf(one) === sizeOf(other)) doubtful.push({ path, one, other })
    }
  }
  const [ours, theirs] = await Promise.all([
    hashMembers(
      a,
      doubtful.map(({ one }) => one),
    ),
    hashMembers(
      b,
      doubtful.map(({ other }) => other),
    ),
  ])
  for (const { path, one, other } of doubtful) {
    const [mine, its] = [ours.get(fileOf(one)), theirs.get(fileOf(other))]
    if (mine === its) continue
    const message = `${path} has other bytes: ${mine} in the first image, ${its} in the second`
    drifts.push({ code: 'drift-content', subject: path, message })
  }
  drifts.sort((x, y) => compareText(x.subject, y.subject))
  return { drifts, counts: [left.size, right.size] }
}

async function treeOf({ layers }: Image): Promise<ReadonlyMap<string, TreeNode>> {
  return listTree(await readTree(layers))
}

interface Both {
  readonly one: TreeNode
  readonly other: TreeNode
}

// What both have from the same place of the same layer needs no look.
function isSameMember(a: Image, b: Image, { one, other }: Both): boolean {
  if (one.entry !== other.entry || one.entry < 0) return false
  return a.layers[one.layer]?.diffId === b.layers[other.layer]?.diffId
}

// Only the topmost of what is missing is told: a folder stands for all it holds.
function alone(
  path: string,
  left: ReadonlyMap<string, TreeNode>,
  right: ReadonlyMap<string, TreeNode>,
): readonly Drift[] {
  const [here, other, which] = left.has(path) ? [left, right, 'first'] : [right, left, 'second']
  const parent = path.slice(0, path.lastIndexOf('/'))
  if (parent !== '' && !other.has(parent)) return []
  const message = `${path} (${here.get(path)!.type}) is in the ${which} image alone`
  return [{ code: 'drift-only', subject: path, message }]
}

const sizeOf = (node: TreeNode): number | undefined => {
  const file = fileOf(node)
  return file.type === 'file' ? (file.header?.size ?? 0) : undefined
}

const typeOf = (node: TreeNode): string => fileOf(node).type

// A folder that no layer names is made by the engine, with these.
const IMPLIED = { mode: 0o755, uid: 0, gid: 0, linkname: undefined }

function compareHeaders(path: string, one: TreeNode, other: TreeNode): readonly Drift[] {
  const differs = (what: string, mine: unknown, its: unknown): Drift => ({
    code: `drift-${what}`,
    subject: path,
    message: `${path}: ${what} is ${mine} in the first image, ${its} in the second`,
  })
  if (typeOf(one) !== typeOf(other)) return [differs('type', typeOf(one), typeOf(other))]
  const [mine, its] = [fileOf(one).header ?? IMPLIED, fileOf(other).header ?? IMPLIED]
  const link = one.type === 'symlink'
  return [
    ...(link || mine.mode === its.mode ? [] : [differs('mode', octal(mine.mode), octal(its.mode))]),
    ...(mine.uid === its.uid && mine.gid === its.gid
      ? []
      : [differs('owner', `${mine.uid}:${mine.gid}`, `${its.uid}:${its.gid}`)]),
    ...(link && mine.linkname !== its.linkname
      ? [differs('target', mine.linkname, its.linkname)]
      : []),
    ...(sizeOf(one) === sizeOf(other) ? [] : [differs('size', sizeOf(one), sizeOf(other))]),
  ]
}

const octal = (mode: number): string => `0${mode.toString(8)}`

/** Hashes members of an image, reading each layer at most once. */
async function hashMembers(
  image: Image,
  nodes: readonly TreeNode[],
): Promise<ReadonlyMap<TreeNode, Digest>> {
  const hashes = new Map<TreeNode, Digest>()
  for (const [index, layer] of image.layers.entries()) {
    const wanted = new Map(
      nodes
        .map(fileOf)
        .filter((node) => node.layer === index)
        .map((node) => [node.entry, node]),
    )
    if (wanted.size === 0) continue
    let place = 0
    for await (const entry of layer.entries()) {
      const node = wanted.get(place++)
      if (node === undefined) continue
      const digester = createDigester()
      for await (const chunk of entry.content) digester.update(chunk)
      hashes.set(node, digester.digest())
    }
  }
  return hashes
}
