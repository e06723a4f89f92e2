/** One entry against the checkpoint and against the worker that signed it. Pure; answers with what is wrong. */
import { createHash } from 'node:crypto';
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  digestBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  checkers,
  digestDomain,
  type Entry,
  type ExportedAppend,
  type ExportedEntry,
} from '@strongroom/contracts';
import { type Checkpoint, leafHash, rootFromInclusion } from '@strongroom/merkle';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';

export interface VerifiedAppend {
  readonly worker: string;
  readonly bodyHashes: readonly string[];
}

/** `undefined`: a certified worker of this identity signed exactly these bodies. */
export function checkAppend(identity: Uint8Array, append: ExportedAppend): VerifiedAppend | string {
  const { statement } = append.worker;
  if (statement.type !== 'strongroom.worker-key/1') return 'the signer of an append message is no worker';
  try {
    if (!verifyStatement(identity, append.worker)) return 'the worker of an append message is not certified';
    const hash = digestBytes(digestDomain.append, ...append.bodyHashes.map(decodeBytes));
    const isSigned = ed25519Verify(decodeBytes(statement.publicKey), hash, decodeBytes(append.signature));
    return isSigned
      ? { worker: statement.worker, bodyHashes: append.bodyHashes }
      : 'the signature of an append message does not verify';
  } catch (fault) {
    if (fault instanceof CanonicalError) return 'an append message holds bytes that are not base64url';
    throw fault;
  }
}

export function checkEntry(
  exported: ExportedEntry,
  checkpoint: Checkpoint,
  append: VerifiedAppend | undefined,
): { readonly entry: Entry } | string {
  try {
    const leaf = decodeBytes(exported.entry);
    const root = rootFromInclusion(
      leafHash(leaf),
      exported.index,
      checkpoint.size,
      exported.proof.map(decodeBytes),
    );
    if (root === undefined || Buffer.compare(root, checkpoint.root) !== 0)
      return 'the entry is not in the signed tree';
    const entry: unknown = parseCanonical(leaf);
    if (!checkers.entry.check(entry)) return 'the entry does not fit its schema';
    if (append === undefined) return 'the bundle lacks the message that the entry came in';
    const bodyHash = createHash('sha256')
      .update(canonicalBytes(entry.body as unknown as CanonicalValue))
      .digest('base64url');
    if (append.bodyHashes[exported.offset] !== bodyHash) return 'no worker signed this entry';
    if (append.worker !== entry.body.worker)
      return 'the entry names another worker than the one that signed it';
    return { entry };
  } catch (fault) {
    if (fault instanceof CanonicalError) return 'the entry is not canonical';
    throw fault;
  }
}
