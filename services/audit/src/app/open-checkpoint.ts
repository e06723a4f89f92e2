/** What a signed note says, once the whole chain from the identity key to the note was checked. */
import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { type Checkpoint, openNote, parseCheckpoint } from '@strongroom/merkle';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';
import type { NewCheckpoint } from '../ports/checkpoint-store.ts';

export interface CheckpointTrust {
  /** 32 raw bytes of the deployment's identity key. */
  readonly identity: Uint8Array;
  /** First line of every checkpoint of this log. */
  readonly origin: string;
}

/** Throws `identity-mismatch`. */
export function openCheckpoint(
  { note, logKey, size }: NewCheckpoint,
  { identity, origin }: CheckpointTrust,
): Checkpoint {
  const { statement } = logKey;
  if (
    statement.type !== 'strongroom.log-key/1' ||
    statement.origin !== origin ||
    !verifyStatement(identity, logKey)
  ) {
    throw new StrongroomError('identity-mismatch', { detail: 'the certificate of the log key' });
  }
  const publicKey = decodeBytes(statement.publicKey);
  const text = openNote(note, origin, publicKey, (bytes, signature) =>
    ed25519Verify(publicKey, bytes, signature),
  );
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
  if (checkpoint === undefined || checkpoint.origin !== origin || checkpoint.size !== size) {
    throw new StrongroomError('identity-mismatch', { detail: 'the signature of the checkpoint' });
  }
  return checkpoint;
}
