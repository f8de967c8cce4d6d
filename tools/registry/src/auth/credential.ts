/** What a person or a machine proves itself with to one registry. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token (docker calls it an identity token). */
  | { readonly kind: 'refresh'; readonly token: string }
  /** A token that is sent as it is. */
  | { readonly kind: 'bearer'; readonly token: string }

/** The value of an Authorization header that shows a user and password: RFC 7617. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
