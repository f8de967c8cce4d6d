import { FREE_BELOW, freeKeys, knows, type JsonShape } from '@waybill/core'

/** OCI distribution-spec, "Listing Tags". */
export const TAGS_SHAPE: JsonShape = knows(['name', 'tags'])

/** The answer of a token server: Docker's token specification, and RFC 6749 section 5.1. */
export const TOKEN_SHAPE: JsonShape = knows(
  'token access_token expires_in issued_at refresh_token token_type scope'.split(' '),
)

/** OCI distribution-spec, "Error Codes"; what `detail` holds is a registry's own. */
export const ERRORS_SHAPE: JsonShape = knows([], {
  errors: knows(['code', 'message'], { detail: FREE_BELOW }),
})

/** What a credential helper prints. docker/docker-credential-helpers, "Development". */
export const HELPER_SHAPE: JsonShape = knows(['ServerURL', 'Username', 'Secret'])

/** Docker's config.json, podman's auth.json: what concerns credentials, and which other parts are free. docker/cli: cli/config/configfile. */
export const AUTH_FILE_SHAPE: JsonShape = {
  fields: {
    auths: freeKeys(
      knows('username password auth email serveraddress identitytoken registrytoken'.split(' ')),
    ),
    HttpHeaders: freeKeys(),
    credsStore: {},
    credHelpers: freeKeys(),
    proxies: freeKeys(),
    plugins: FREE_BELOW,
    aliases: freeKeys(),
  },
}
