/** Asks a hello service for its greeting. */
export async function greet(address) {
  const response = await fetch(new URL('/', address))
  return response.text()
}
