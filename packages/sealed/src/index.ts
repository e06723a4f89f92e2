export {
  BundleReader,
  bundleBytesMax,
  bundleFramesMax,
  bundleMediaType,
  bundleRecord,
  bundleRecordBytes,
  decodeBundle,
  encodeBundle,
} from './bundle.ts';
export {
  ed25519PrivateKey,
  ed25519PublicKey,
  ed25519RawPublicKey,
  ed25519Sign,
  ed25519Verify,
} from './ed25519.ts';
export {
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameKind,
  frameBytesMax,
  frameHeaderBytesMax,
  frameKind,
  sealedMediaType,
} from './frame.ts';
export { governanceRootDigest, signGovernanceRoot, verifyGovernanceRoot } from './governance-root.ts';
export { type BatchItems, itemsRoot, type ProvenBatch, proveItem, verifyItem } from './item-proof.ts';
export { generateKeyFile, type KeyFile, type NewKeyFile, readKeyFile, writeKeyFile } from './key-file.ts';
export { type ShownStatement, verifyAttestation, verifyImportKey } from './key-statement.ts';
export type { SealedContent } from './message.ts';
export {
  type OpenedHpkeRequest,
  type OpenedRequest,
  openRequest,
  type PrivateKeyOf,
} from './open-request.ts';
export {
  decodeRefusal,
  encodeRefusal,
  hintedCode,
  type Refusal,
  refusalError,
  sealingKeysInstead,
} from './refusal.ts';
export { proofDigest, proofDigestOf, requestHash } from './request-hash.ts';
export {
  type HpkeRequestHeader,
  parseHpkeHeader,
  parseSessionHeader,
  readRoutingHeader,
  type SessionRequestHeader,
} from './request-header.ts';
export { assertInLifetime } from './request-lifetime.ts';
export { type SealedRequest, type SealRequestInput, sealRequest } from './sealed-request.ts';
export {
  generateSealingKey,
  importSealingKey,
  type SealingPrivateKey,
  type SealingPublicKey,
  sealingKeyId,
} from './sealing-key.ts';
export { type SealingKeyPin, type VerifiedSealingKey, verifySealingKeys } from './sealing-keys.ts';
export { ClientSession, type SessionContent, type SessionRequest } from './session.ts';
export { sessionKeyHash, verifyPasskeySignature } from './session-key.ts';
export {
  type OpenedSessionRequest,
  SessionTable,
  type SessionTableOptions,
  type WorkerSession,
} from './session-table.ts';
export {
  isPublicKey,
  type SigningAlgorithm,
  type SigningScheme,
  signingSchemes,
  verifySignature,
} from './signing-key.ts';
export { identityFingerprint, signStatement, statementDigest, verifyStatement } from './statement.ts';
export {
  type SessionClaims,
  sessionLifetimeMsMax,
  TicketBox,
  type TicketContent,
  type TicketKey,
  type TicketKeyring,
  ticketId,
} from './ticket.ts';
export { signVote, verifyVote, voteDigest } from './vote.ts';
export { wrapForImport } from './wrap-for-import.ts';
