// planNames against a model that knows nothing but "the highest version of a line has its name".
import { planNames } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('planNames, against a model')
const rounds = process.env['WAYBILL_FULL'] === '1' ? 20_000 : 1000

/** Numbers that are the same in every run: mulberry32. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

interface Release {
  readonly numbers: readonly [number, number, number]
  readonly prerelease: string
  readonly build: number
}

type Random = (below: number) => number

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random(items.length)]!

function createRelease(random: Random): Release {
  const number = (): number => pick(random, [0, 1, 2, 9, 10, 11])
  return {
    numbers: [pick(random, [0, 1, 2]), number(), number()],
    prerelease: pick(random, ['', '', '', '-rc.1', '-rc.2', '-alpha', '-snapshot.1a2b3c4']),
    build: pick(random, [0, 0, 0, 1, 2]),
  }
}

const textOf = ({ numbers, prerelease, build }: Release): string =>
  `${numbers.join('.')}${prerelease}${build === 0 ? '' : `+${build}`}`
const tagOf = (prefix: string, release: Release): string =>
  `${prefix}${textOf(release).replace('+', '_')}`

// Only stable releases are compared: by their numbers, and by the build where they are equal.
function isHigher(a: Release, b: Release): boolean {
  const left = [...a.numbers, a.build]
  const right = [...b.numbers, b.build]
  const at = left.findIndex((number, index) => number !== right[index])
  return at >= 0 && left[at]! > right[at]!
}

function expectedRolling(
  release: Release,
  others: readonly Release[],
  { prefix, yanked }: { readonly prefix: string; readonly yanked: readonly string[] },
): readonly string[] {
  if (release.prerelease !== '' || yanked.includes(textOf(release))) return []
  const counting = others.filter(
    (other) => other.prerelease === '' && !yanked.includes(textOf(other)),
  )
  const [major, minor] = release.numbers
  const lines: readonly (readonly [string, number])[] = [
    [`${prefix}${major}.${minor}`, 2],
    ...(major === 0 ? [] : [[`${prefix}${major}`, 1] as const]),
    [prefix === 'cli-v' ? 'cli-latest' : 'latest', 0],
  ]
  return lines
    .filter(([, shared]) =>
      counting.every((other) => {
        const inLine = release.numbers.slice(0, shared).every((n, i) => n === other.numbers[i])
        return !inLine || !isHigher(other, release)
      }),
    )
    .map(([name]) => name)
}

test('gives the same names for any versions, prefixes, noise and order', () => {
  const random = createRandom(20261121)
  for (let round = 0; round < rounds; round++) {
    const prefix = pick(random, ['', 'v', 'cli-v'])
    const others = Array.from({ length: random(12) }, () => createRelease(random))
    const release = createRelease(random)
    const yanked = others.filter(() => random(4) === 0).map(textOf)
    const noise = [
      'latest',
      '1.2',
      '1',
      'sha-1a2b3c4',
      'edge',
      'v',
      'api-v99.0.0',
      '99.0',
      '20260101',
    ]
    const foreign = prefix === '' ? ['x99.0.0'] : ['99.0.0']
    const existing = [...others.map((other) => tagOf(prefix, other)), ...noise, ...foreign]
    existing.sort(() => random(3) - 1)
    const names = planNames(textOf(release), existing, { tagPrefix: prefix, yanked })
    const where = JSON.stringify({ release: textOf(release), existing, yanked })
    assert.equal(names.immutable, [tagOf(prefix, release)], where)
    assert.equal(names.rolling, expectedRolling(release, others, { prefix, yanked }), where)
  }
})

test('in whatever order versions are published, rolling names end at the highest', () => {
  const random = createRandom(42)
  for (let round = 0; round < rounds / 10; round++) {
    const releases = Array.from({ length: 8 }, () => createRelease(random))
    const standing = new Map<string, Release>()
    for (const release of releases) {
      const { immutable, rolling } = planNames(textOf(release), standing.keys())
      for (const name of [...immutable, ...rolling]) {
        const before = standing.get(name)
        assert.not.ok(before !== undefined && isHigher(before, release), `${name} went back`)
        standing.set(name, release)
      }
    }
    const stable = releases.filter(({ prerelease }) => prerelease === '')
    const highest = stable.find((one) => stable.every((other) => !isHigher(other, one)))
    const latest = standing.get('latest')
    assert.is(latest && textOf(latest), highest && textOf(highest))
  }
})

test('no two versions share an immutable name', () => {
  const random = createRandom(7)
  const seen = new Map<string, string>()
  for (let round = 0; round < rounds; round++) {
    const version = textOf(createRelease(random))
    for (const name of planNames(version, []).immutable) {
      assert.is(seen.get(name) ?? version, version)
      seen.set(name, version)
    }
  }
})

test.run()
