/** Signatures over the governance root: each key in it has signed it, so none is dead, mistyped or somebody else's. */
import { CanonicalError, type CanonicalValue, decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type GovernanceRoot, type SignedGovernanceRoot } from '@strongroom/contracts';
import { ed25519Verify } from './ed25519.ts';
import type { KeyFile } from './key-file.ts';

/** SHA-256("strongroom/governance-root/1" 0x00 canonical(root)); also the hash that the HSM pins. */
export function governanceRootDigest(root: GovernanceRoot): Uint8Array {
  return digest(digestDomain.governanceRoot, root as unknown as CanonicalValue);
}

export function signGovernanceRoot(root: GovernanceRoot, keys: readonly KeyFile[]): SignedGovernanceRoot {
  const hash = governanceRootDigest(root);
  const signatures = keys.map((key) => ({
    principal: key.principal,
    signature: encodeBytes(key.sign(hash)),
  }));
  return { root, signatures };
}

/** Whether every operator and every approver signed, each with the key beside their name, and nobody else did. */
export function verifyGovernanceRoot({ root, signatures }: SignedGovernanceRoot): boolean {
  const hash = governanceRootDigest(root);
  const holders = [...root.operators, ...root.approvers];
  const byPrincipal = new Map(signatures.map((row) => [row.principal, row.signature]));
  return (
    byPrincipal.size === signatures.length &&
    signatures.every(({ principal }) => holders.some((holder) => holder.principal === principal)) &&
    holders.every((holder) => isSignedBy(holder.publicKey, hash, byPrincipal.get(holder.principal)))
  );
}

function isSignedBy(publicKey: string, hash: Uint8Array, signature: string | undefined): boolean {
  if (signature === undefined) return false;
  try {
    return ed25519Verify(decodeBytes(publicKey), hash, decodeBytes(signature));
  } catch (error) {
    if (error instanceof CanonicalError) return false;
    throw error;
  }
}
