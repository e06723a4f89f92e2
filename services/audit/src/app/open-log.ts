/**
 * Takes the pen. 1. A new epoch: from here on no earlier writer can commit. 2. The stored log is read and compared with
 * its newest signed checkpoint. 3. The witness signs the tree as it is, which shows whether it has ever signed a longer
 * one: a database set back to an older state, its checkpoints included, is noticed here and not after entries were written
 * on top of it. 4. The receipt key of the epoch is certified. 5. Entries are taken.
 *
 * A step that fails because somebody is away is tried again later, from where it was.
 */
import { isStrongroomError } from '@strongroom/errors';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { LogHead, LogStore } from '../ports/log-store.ts';
import type { LogWriter } from './log-writer.ts';
import { type CheckpointTrust, openCheckpoint } from './open-checkpoint.ts';
import { type LogTail, readTail, readTree, tampered } from './read-tail.ts';
import { ReceiptKey, type ReceiptKeyParts } from './receipt-key.ts';
import type { makeSignCheckpoint } from './sign-checkpoint.ts';

export interface OpenLogParts {
  readonly store: LogStore;
  /** Whether it is for this process to write: the head that it may take over from. */
  readonly awaitTurn: () => Promise<LogHead | undefined>;
  readonly checkpoints: CheckpointStore;
  readonly writer: LogWriter;
  readonly receiptKey: ReceiptKeyParts;
  readonly signCheckpoint: ReturnType<typeof makeSignCheckpoint>;
  readonly trust: CheckpointTrust;
}

/**
 * Answers with the key once the log is open, with nothing as long as another process writes. Stops the writer where the
 * stored log is not the one that was signed.
 */
export function makeOpenLog(parts: OpenLogParts) {
  const { store, awaitTurn, writer, signCheckpoint, receiptKey } = parts;
  let key: ReceiptKey | undefined;

  const open = async (): Promise<ReceiptKey | undefined> => {
    const head = await takeEpoch();
    if (head === undefined) return undefined;
    key ??= new ReceiptKey(receiptKey, head.epoch);
    const own = key;
    const tail = await readTail(store, head.size);
    await checkAgainstCheckpoint(parts, tail);
    await certified(own, { size: head.size, root: tail.tree.root() });
    writer.open(own, tail);
    return own;
  };

  /** One for each start; the epoch of an earlier try is kept as long as nobody took another. */
  const takeEpoch = async (): Promise<LogHead | undefined> => {
    if (key !== undefined) {
      const head = await store.beat(key.epoch);
      return head.epoch === key.epoch ? head : writer.status.fence(head.epoch, key.epoch);
    }
    const seen = await awaitTurn();
    return seen === undefined ? undefined : store.takeEpoch(seen);
  };

  const certified = async (own: ReceiptKey, head: { size: number; root: Uint8Array }): Promise<void> => {
    try {
      await signCheckpoint({ epoch: own.epoch, ...head });
      if (own.isDueForCertificate) await own.certify();
    } catch (fault) {
      // The witness knows a newer epoch than this database: it was restored. The next try takes a higher one.
      if (isStrongroomError(fault) && fault.code === 'version-conflict') key = undefined;
      throw fault;
    }
  };

  return async (): Promise<ReceiptKey | undefined> => {
    try {
      return await open();
    } catch (fault) {
      const reason = isStrongroomError(fault)
        ? [fault.code, fault.detail].filter(Boolean).join(': ')
        : 'internal';
      if (isStrongroomError(fault) && fault.code === 'record-tampered') writer.status.stop(reason);
      else writer.status.waitFor(reason);
      throw fault;
    }
  };
}

async function checkAgainstCheckpoint(
  { store, checkpoints, trust }: OpenLogParts,
  { tree }: LogTail,
): Promise<void> {
  const newest = await checkpoints.newest();
  if (newest === undefined) return;
  const signed = openCheckpoint(newest, trust);
  if (signed.size > tree.size) {
    throw tampered(`it was rolled back: ${signed.size} entries are signed, it has ${tree.size}`);
  }
  if (Buffer.compare((await readTree(store, signed.size)).root(), signed.root) !== 0) {
    throw tampered(`its first ${signed.size} entries are not those of the signed checkpoint`);
  }
}
