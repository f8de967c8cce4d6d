export { startRegistry, type RegistryOptions, type TestRegistry } from './start-registry.ts'
export type { LoggedRequest } from './log.ts'
