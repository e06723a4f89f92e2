/**
 * Brings the newest checkpoint to each witness and keeps what they sign. All of them are asked at the same time, none of
 * them stands in the way of an append, and each is told how far behind it is. What a witness cosigned last is its own
 * knowledge: if that is more than the log has, the log was rolled back.
 */
import { consistencyPathFrom, cosignedAt, type FetchNodes, withCosignatures } from '@strongroom/merkle';
import { ed25519Verify } from '@strongroom/sealed';
import type { CheckpointStore, StoredCheckpoint } from '../ports/checkpoint-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cosigner } from '../ports/cosigner.ts';

export interface WitnessLag {
  readonly name: string;
  /** Entries that are signed and that it has not cosigned. */
  readonly entries: number;
  /** Since when it lacks some of them, in milliseconds; 0 while it is up to date. */
  readonly behindMs: number;
}

export interface CosignParts {
  readonly witnesses: readonly Cosigner[];
  readonly checkpoints: Pick<CheckpointStore, 'newest' | 'addCosignature'>;
  readonly fetchNodes: FetchNodes;
  readonly clock: Clock;
  /** Each new reason, and each that ended with nothing; must not throw. */
  readonly onTrouble: (witness: string, reason: string | undefined) => void;
  /** A witness cosigned more than the log has; must not throw. */
  readonly onRollback: (reason: string) => void;
}

export interface CosignRound {
  /** Resolves when each witness has answered or its time is over. Throws `database-unavailable`. */
  ask(): Promise<void>;
  lag(): readonly WitnessLag[];
}

interface Standing {
  cosignedSize: number;
  behindSinceMs: number | undefined;
  trouble: string | undefined;
}

export function makeCosignCheckpoints(parts: CosignParts): CosignRound {
  const { witnesses, checkpoints, clock } = parts;
  const standings = new Map(witnesses.map(({ name }) => [name, newStanding()]));
  let signedSize = 0;
  let round: Promise<void> | undefined;

  const one = async (witness: Cosigner, newest: StoredCheckpoint): Promise<void> => {
    const standing = standings.get(witness.name) as Standing;
    if (standing.cosignedSize >= newest.size && newest.size > 0) return;
    standing.behindSinceMs ??= clock.monotonicMs();
    const reason = await bring(parts, witness, newest, standing).catch(() => 'no answer');
    if (reason === undefined) {
      Object.assign(standing, { cosignedSize: newest.size, behindSinceMs: undefined });
    }
    if (reason !== standing.trouble) parts.onTrouble(witness.name, reason);
    standing.trouble = reason;
  };

  const all = async (): Promise<void> => {
    const newest = await checkpoints.newest();
    if (newest === undefined) return;
    signedSize = newest.size;
    await Promise.all(witnesses.map((witness) => one(witness, newest)));
  };

  return {
    async ask() {
      round ??= all().finally(() => {
        round = undefined;
      });
      await round;
    },
    lag: () =>
      [...standings].map(([name, { cosignedSize, behindSinceMs }]) => ({
        name,
        entries: Math.max(0, signedSize - cosignedSize),
        behindMs: behindSinceMs === undefined ? 0 : clock.monotonicMs() - behindSinceMs,
      })),
  };
}

const newStanding = (): Standing => ({ cosignedSize: 0, behindSinceMs: undefined, trouble: undefined });

/** What stands against a cosignature of this checkpoint, if anything does. */
async function bring(
  { checkpoints, fetchNodes, onRollback }: CosignParts,
  witness: Cosigner,
  { size, note }: StoredCheckpoint,
  { cosignedSize }: Standing,
): Promise<string | undefined> {
  const ask = async (oldSize: number) => {
    const proof = oldSize === 0 ? [] : await consistencyPathFrom(oldSize, size, fetchNodes);
    return witness.addCheckpoint({ oldSize, proof, note });
  };
  let answer = await ask(Math.min(cosignedSize, size));
  if (answer.status === 'stale' && answer.size > size) {
    const reason = `witness ${witness.name} has cosigned ${answer.size} entries, the log has ${size}`;
    onRollback(reason);
    return reason;
  }
  if (answer.status === 'stale') answer = await ask(answer.size);
  if (answer.status === 'stale') return 'it cosigns for somebody else at the same time';
  if (answer.status === 'refused') return answer.reason;
  const line = answer.lines.find((each) => isCosignature(note, each, witness));
  if (line === undefined) return 'its answer is no cosignature of its key';
  await checkpoints.addCosignature({ size, witness: witness.name, line });
  return undefined;
}

function isCosignature(note: string, line: string, { name, publicKey }: Cosigner): boolean {
  try {
    const verify = (bytes: Uint8Array, signature: Uint8Array) => ed25519Verify(publicKey, bytes, signature);
    return cosignedAt(withCosignatures(note, [line]), name, publicKey, verify) !== undefined;
  } catch {
    return false;
  }
}
