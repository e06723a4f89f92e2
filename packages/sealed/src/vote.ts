/** An approver's signed answer: over one exact operation, in their name, at their time, with their words (I6). */
import { createHash } from 'node:crypto';
import { CanonicalError, decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type Vote } from '@strongroom/contracts';
import { ed25519Verify } from './ed25519.ts';
import type { KeyFile } from './key-file.ts';

/**
 * SHA-256("strongroom/vote/1" 0x00 canonical({ opHash, verdict, approver, commentHash, votedAt })); `commentHash` is the
 * SHA-256 of the comment in UTF-8 as base64url.
 */
export function voteDigest(vote: Omit<Vote, 'signature'>): Uint8Array {
  const { opHash, verdict, approver, comment, votedAt } = vote;
  const commentHash = createHash('sha256').update(comment, 'utf8').digest('base64url');
  return digest(digestDomain.vote, { opHash, verdict, approver, commentHash, votedAt });
}

export function signVote(key: KeyFile, answer: Omit<Vote, 'signature' | 'approver'>): Vote {
  const vote = { ...answer, approver: key.principal };
  return { ...vote, signature: encodeBytes(key.sign(voteDigest(vote))) };
}

/** Whether the holder of the key gave this vote. Never throws for a vote that fits its schema. */
export function verifyVote(publicKey: Uint8Array, vote: Vote): boolean {
  try {
    return ed25519Verify(publicKey, voteDigest(vote), decodeBytes(vote.signature));
  } catch (error) {
    if (error instanceof CanonicalError) return false;
    throw error;
  }
}
