export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
export { CompactRange, type StoredNode } from './compact-range.ts';
export {
  cosignatureLine,
  cosignatureVerifierKey,
  cosignedAt,
  cosignedBytes,
  parseCosignatureKey,
  withCosignatures,
} from './cosignature.ts';
export { formatBundle, parseBundle } from './entry-bundle.ts';
export { emptyRoot, leafHash, nodeHash } from './hash.ts';
export { JointProof, unprovenHashes } from './joint-proof.ts';
export { prefixRootFromInclusion, rootFromInclusion, verifyConsistency } from './proof.ts';
export { type NodeId, nodesAddedBy, rangeNodes } from './range.ts';
export { saltedLeafHash, saltSeedBytes, saltsFrom } from './salted-leaf.ts';
export {
  noteKeyId,
  noteVerifierKey,
  openNote,
  parseVerifierKey,
  signedNote,
  type VerifyNote,
} from './signed-note.ts';
export {
  consistencyPathFrom,
  type FetchNodes,
  inclusionPathFrom,
  inclusionPathsFrom,
  rootFrom,
} from './stored-nodes.ts';
export { consistencyPath, inclusionPath, rootHash } from './tree.ts';
