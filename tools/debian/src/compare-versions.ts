/** Orders two Debian versions. deb-version(7), "Sorting algorithm". */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)]
  return (
    left.epoch - right.epoch ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  )
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':')
  const rest = version.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

// Letters before digits in turns: text by a special order, then a number.
function comparePart(a: string, b: string): number {
  let [left, right] = [a, b]
  while (left !== '' || right !== '') {
    const [textA, textB] = [/^\D*/.exec(left)![0], /^\D*/.exec(right)![0]]
    const text = compareLetters(textA, textB)
    if (text !== 0) return text
    ;[left, right] = [left.slice(textA.length), right.slice(textB.length)]
    const [digitsA, digitsB] = [/^\d*/.exec(left)![0], /^\d*/.exec(right)![0]]
    const number = Number(digitsA) - Number(digitsB)
    if (number !== 0) return number
    ;[left, right] = [left.slice(digitsA.length), right.slice(digitsB.length)]
  }
  return 0
}

function compareLetters(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = weight(a[at]) - weight(b[at])
    if (difference !== 0) return difference
  }
  return 0
}

// A tilde sorts before the end, letters before everything else.
function weight(letter: string | undefined): number {
  if (letter === undefined) return 0
  if (letter === '~') return -1
  return /[A-Za-z]/.test(letter) ? letter.charCodeAt(0) : letter.charCodeAt(0) + 256
}
