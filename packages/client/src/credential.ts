/** What a caller can prove itself with, and the proof that it makes of it for one message. */
import { encodeBytes } from '@strongroom/canonical';
import type { OperationMessage, PasskeyAssertion, Proof } from '@strongroom/contracts';
import { proofDigestOf } from '@strongroom/sealed';
import { SecretString } from '@strongroom/secret';

export interface KeyCredential {
  readonly kind: 'key';
  readonly principal: string;
  /** By the enrolled key: Ed25519, or ECDSA with SHA-256 on P-256 as r and s; 64 bytes. */
  sign(digest: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
export interface ApiKeyCredential {
  readonly kind: 'api-key';
  readonly key: string | SecretString;
}
export interface WorkloadJwtCredential {
  readonly kind: 'workload-jwt';
  readonly cluster: string;
  /** Asked for each proof: the kubelet renews the token long before it expires. */
  token(): Promise<string>;
}
/** A person who signed in for a session key that this process made. */
export interface SessionCredential {
  readonly kind: 'session';
  readonly principal: string;
  /** Base64url; its hash (`sessionKeyHash`) was the nonce of the sign-in and the challenge of the passkey. */
  readonly sessionKey: string;
  readonly idToken: string;
  readonly assertion?: PasskeyAssertion;
  /** By the session key; 64 bytes. */
  sign(digest: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
export type Credential = KeyCredential | ApiKeyCredential | WorkloadJwtCredential | SessionCredential;

export async function makeProof(
  credential: Credential,
  message: Omit<OperationMessage, 'proof'>,
): Promise<Proof> {
  switch (credential.kind) {
    case 'key': {
      const signature = encodeBytes(await credential.sign(proofDigestOf(message)));
      return { kind: 'key', principal: credential.principal, signature };
    }
    case 'api-key': {
      const { key } = credential;
      return { kind: 'api-key', key: key instanceof SecretString ? key.use((text) => text) : key };
    }
    case 'session': {
      const { kind, principal, sessionKey, idToken, assertion } = credential;
      const signature = encodeBytes(await credential.sign(proofDigestOf(message)));
      const shown = { kind, principal, sessionKey, idToken, signature };
      return assertion === undefined ? shown : { ...shown, assertion };
    }
    case 'workload-jwt':
      return { kind: 'workload-jwt', cluster: credential.cluster, token: await credential.token() };
  }
}
