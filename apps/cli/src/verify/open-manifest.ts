/** The first line: from the fingerprint that the verifier was told to the signed head of the tree. */
import { CanonicalError, decodeBytes } from '@strongroom/canonical';
import type { AuditFilter } from '@strongroom/contracts';
import { type Checkpoint, cosignedAt, openNote, parseCheckpoint } from '@strongroom/merkle';
import { ed25519Verify, identityFingerprint, verifyStatement } from '@strongroom/sealed';
import type { BundleManifest } from './bundle.ts';

/** Whom the verifier trusts: nothing else of a bundle is taken for granted. */
export type TrustedIdentity = (
  | { readonly identityFingerprint: string }
  /** 32 raw bytes. */
  | { readonly identity: Uint8Array }
) & { readonly witnesses?: TrustedWitnesses | undefined };

/** So many of these witnesses have to have cosigned the checkpoint. */
export interface TrustedWitnesses {
  readonly keys: readonly { readonly name: string; readonly publicKey: Uint8Array }[];
  readonly needed: number;
}

export interface OpenedManifest {
  readonly identity: Uint8Array;
  readonly checkpoint: Checkpoint;
  readonly filter: AuditFilter;
}

/** What is wrong with it, as a text, if anything is. */
export function openManifest(manifest: BundleManifest, trusted: TrustedIdentity): OpenedManifest | string {
  try {
    const identity = decodeBytes(manifest.identity);
    const expected =
      'identity' in trusted ? identityFingerprint(trusted.identity) : trusted.identityFingerprint;
    if (identityFingerprint(identity) !== expected)
      return 'the identity is not the one with this fingerprint';
    const { statement } = manifest.logKey;
    if (statement.type !== 'strongroom.log-key/1' || !verifyStatement(identity, manifest.logKey)) {
      return 'the log key is not certified by the identity';
    }
    const key = decodeBytes(statement.publicKey);
    const text = openNote(manifest.checkpoint, statement.origin, key, (bytes, signature) =>
      ed25519Verify(key, bytes, signature),
    );
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
    if (checkpoint?.origin !== statement.origin) return 'the checkpoint is not signed by the log key';
    const lacking = lackingCosignatures(manifest.checkpoint, trusted.witnesses);
    return lacking ?? { identity, checkpoint, filter: manifest.filter };
  } catch (fault) {
    if (fault instanceof CanonicalError || fault instanceof RangeError)
      return 'it holds bytes of the wrong form';
    throw fault;
  }
}

function lackingCosignatures(note: string, witnesses: TrustedWitnesses | undefined): string | undefined {
  if (witnesses === undefined) return undefined;
  const cosigned = witnesses.keys.filter(
    ({ name, publicKey }) =>
      cosignedAt(note, name, publicKey, (bytes, signature) => ed25519Verify(publicKey, bytes, signature)) !==
      undefined,
  );
  if (cosigned.length >= witnesses.needed) return undefined;
  const names = cosigned.map(({ name }) => name).join(', ') || 'none';
  return `${witnesses.needed} witnesses have to have cosigned the checkpoint; of those named did: ${names}`;
}
