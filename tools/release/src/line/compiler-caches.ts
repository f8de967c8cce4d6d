import type { Artifact, Finding, Receipt } from '@waybill/core'

const SAYS = {
  restored: 'a compiler cache that may have been restored from elsewhere',
  environment: 'a compiler cache that the environment names',
}

/** Says in a receipt which binaries were compiled with what not only this user, on this machine, may have written. */
export function withCompilerCaches(receipt: Receipt, binaries: readonly Artifact[]): Receipt {
  const notes = binaries.flatMap(({ path, platform, compilerCache }): readonly Finding[] => {
    if (compilerCache === undefined) return []
    const message = `${path} was compiled with ${SAYS[compilerCache]}`
    const suggestion = 'Compile from nothing with --fresh.'
    const where = platform === undefined ? { path } : { path, platform }
    return [{ code: 'compiler-cache', level: 'note', message, suggestion, where }]
  })
  return notes.length === 0 ? receipt : { ...receipt, findings: [...receipt.findings, ...notes] }
}
