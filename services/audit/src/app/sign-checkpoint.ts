/**
 * Brings the signed tree head up to date: the witness gets a consistency proof from the last size that it signed and
 * answers with a note, which is verified before it is kept. What it signed last is its own knowledge, not ours.
 */
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { SignedStatement } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { consistencyPathFrom, openNote, parseCheckpoint, rootFrom } from '@strongroom/merkle';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';
import type { LogStore } from '../ports/log-store.ts';
import type { Witness } from '../ports/witness.ts';

export interface SignCheckpointParts {
  readonly store: LogStore;
  readonly witness: Witness;
  readonly identity: Uint8Array;
  readonly origin: string;
}

/** The size that is signed now. Throws what witness and store throw; `record-tampered` if our tree is behind the witness. */
export function makeSignCheckpoint({ store, witness, identity, origin }: SignCheckpointParts) {
  const ask = async (previousSize: number, size: number) => {
    const fetch = (places: Parameters<LogStore['nodes']>[0]) => store.nodes(places);
    const root = await rootFrom(size, fetch);
    const proof = await consistencyPathFrom(previousSize, size, fetch);
    const request = { previousSize, size, root: encodeBytes(root), proof: proof.map(encodeBytes) };
    return { root, reply: await witness.sign(request) };
  };

  return async (): Promise<number> => {
    const [{ size }, last] = await Promise.all([store.state(), store.checkpoint()]);
    const previousSize = last?.size ?? 0;
    if (size === previousSize) return size;
    let { root, reply } = await ask(previousSize, size);
    if (reply.status === 'stale') {
      if (reply.size > size) {
        throw new StrongroomError('record-tampered', {
          detail: `the witness signed ${reply.size} entries, the log has ${size}`,
        });
      }
      ({ root, reply } = await ask(reply.size, size));
    }
    if (reply.status === 'stale')
      throw new StrongroomError('version-conflict', { detail: 'the witness moved on' });
    const { note, logKey } = reply;
    checkNote(note, logKey, { identity, origin, size, root });
    await store.saveCheckpoint({ size, note, logKey });
    return size;
  };
}

function checkNote(
  note: string,
  logKey: SignedStatement,
  expected: {
    readonly identity: Uint8Array;
    readonly origin: string;
    readonly size: number;
    readonly root: Uint8Array;
  },
): void {
  const { statement } = logKey;
  const isCertified =
    statement.type === 'strongroom.log-key/1' &&
    statement.origin === expected.origin &&
    verifyStatement(expected.identity, logKey);
  if (!isCertified)
    throw new StrongroomError('identity-mismatch', { detail: 'the certificate of the log key' });
  const publicKey = decodeBytes(statement.publicKey);
  const text = openNote(note, expected.origin, publicKey, (bytes, signature) =>
    ed25519Verify(publicKey, bytes, signature),
  );
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
  const isOurs =
    checkpoint !== undefined &&
    checkpoint.origin === expected.origin &&
    checkpoint.size === expected.size &&
    Buffer.compare(checkpoint.root, expected.root) === 0;
  if (!isOurs)
    throw new StrongroomError('identity-mismatch', { detail: 'the checkpoint that the witness signed' });
}
