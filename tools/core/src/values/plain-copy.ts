/**
 * A copy of plain data that nobody else holds and nobody can change: every member is read once, so that what a getter or a proxy says later
 * counts for nothing. It has what JSON can hold; members that are undefined are left out.
 */
export function plainCopy<Value>(value: Value): Value {
  return freeze(JSON.parse(JSON.stringify(value)) as Value)
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}
