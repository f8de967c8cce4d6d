export { readAsStored, sealContent } from './seal-content.ts'
export { sealProof } from './seal-proof.ts'
