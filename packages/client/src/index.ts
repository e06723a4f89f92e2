export { type MadeBatch, proveBatchItem, requireProvable, verifyBatchItem } from './batch-proof.ts';
export { type CallAnswer, type CallOptions, connectStrongroom, type StrongroomClient } from './client.ts';
export type {
  ApiKeyCredential,
  Credential,
  KeyCredential,
  SessionCredential,
  WorkloadJwtCredential,
} from './credential.ts';
export { keyFileCredential } from './key-file-credential.ts';
export type { StrongroomOptions } from './options.ts';
export { patientClient } from './patient-client.ts';
