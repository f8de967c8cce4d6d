export { readAsStored, sealContent } from './seal/seal-content.ts'
export { sealProof } from './seal/seal-proof.ts'
