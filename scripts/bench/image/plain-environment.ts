const { NODE_EXTRA_CA_CERTS: certificates, ...env } = process.env

/**
 * The environment that contenders run in: without NODE_EXTRA_CA_CERTS. Node reads that file whenever it starts, which takes it longer than starting
 * itself (35 ms for a system's certificates, beside 21); nothing here speaks TLS, and no peer reads it.
 */
export const plainEnvironment: NodeJS.ProcessEnv = env

/** What is said of it where it differs. */
export const environmentNote: string =
  certificates === undefined ? '' : '; without NODE_EXTRA_CA_CERTS, which is set here'
