/**
 * Brings the signed tree head up to date. The witness gets a consistency proof from the size that it signed last and
 * answers with a note, which is checked before it is kept. What the witness signed last is its own knowledge: if it
 * is another size than ours, the proof starts there; if it is more than the log has, the log was rolled back.
 */
import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { consistencyPathFrom, type FetchNodes } from '@strongroom/merkle';
import type { CheckpointStore, NewCheckpoint } from '../ports/checkpoint-store.ts';
import type { Witness } from '../ports/witness.ts';
import { type CheckpointTrust, openCheckpoint } from './open-checkpoint.ts';
import { tampered } from './read-tail.ts';

export interface SignCheckpointParts extends CheckpointTrust {
  readonly checkpoints: CheckpointStore;
  readonly witness: Witness;
  readonly fetchNodes: FetchNodes;
}

export interface TreeHead {
  /** Of the writer that asks. */
  readonly epoch: number;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Resolves when a checkpoint of this head is kept. Throws `record-tampered` where the witness signed more than there is
 * or refuses the tree, `identity-mismatch` for a note that does not verify, and what witness and store throw.
 */
export function makeSignCheckpoint({ checkpoints, witness, fetchNodes, ...trust }: SignCheckpointParts) {
  const ask = async (previousSize: number, { epoch, size, root }: TreeHead) => {
    const proof = (await consistencyPathFrom(previousSize, size, fetchNodes)).map(encodeBytes);
    return witness.sign({ epoch, previousSize, size, root: encodeBytes(root), proof });
  };

  return async (head: TreeHead): Promise<NewCheckpoint> => {
    const last = await checkpoints.newest();
    // A last checkpoint beyond the head is of entries that we do not know yet; the witness will say so.
    let reply = await ask(Math.min(last?.size ?? 0, head.size), head);
    if (reply.status === 'stale') {
      if (reply.size > head.size) {
        throw tampered(`the witness has signed ${reply.size} entries, the log has ${head.size}`);
      }
      reply = await ask(reply.size, head);
    }
    if (reply.status === 'stale') {
      throw new StrongroomError('version-conflict', { detail: 'another writer has checkpoints signed' });
    }
    const checkpoint = { size: head.size, note: reply.note, logKey: reply.logKey };
    const signed = openCheckpoint(checkpoint, trust);
    if (Buffer.compare(signed.root, head.root) !== 0) {
      throw new StrongroomError('identity-mismatch', { detail: 'the checkpoint is of another tree' });
    }
    await checkpoints.add(checkpoint);
    return checkpoint;
  };
}
