/**
 * What has to be done for the log when nobody asks: open it, read it again after a fault, renew the certificate of the
 * receipt key, have checkpoints signed. Called in a rhythm; one round at a time.
 */
import { isStrongroomError } from '@strongroom/errors';
import type { LogWriter } from './log-writer.ts';
import type { makeOpenLog } from './open-log.ts';
import type { ReceiptKey } from './receipt-key.ts';
import type { makeSignCheckpoint } from './sign-checkpoint.ts';

export interface KeepLogParts {
  readonly writer: LogWriter;
  readonly openLog: ReturnType<typeof makeOpenLog>;
  readonly signCheckpoint: ReturnType<typeof makeSignCheckpoint>;
  /** Whether callers can reach this process; one that they can not leaves the pen to who stands by. */
  readonly isReachable: () => boolean;
}

export interface LogKeeper {
  /** Gets the writer to write, if it does not. Throws what stands against it. */
  bringUp(): Promise<void>;
  /**
   * Looks whether this is still the writer, renews its certificate when that is due, and has a checkpoint signed of what
   * is committed now, unless there is one. Throws what stands against it.
   */
  bringUpToDate(): Promise<void>;
  /** Tells who stands by that this process writes. Throws where another one has taken over. */
  showLife(): Promise<void>;
  /** Size of the newest checkpoint that was signed for this process. */
  readonly signedSize: number;
}

export function makeKeepLog({ writer, openLog, signCheckpoint, isReachable }: KeepLogParts): LogKeeper {
  let key: ReceiptKey | undefined;
  let signedSize = 0;
  let signing: Promise<void> | undefined;

  const sign = async (): Promise<void> => {
    try {
      await writer.checkEpoch();
      if (key?.isDueForCertificate) await key.certify();
      const head = writer.head();
      if (key !== undefined && head.size > signedSize)
        signedSize = (await signCheckpoint({ epoch: key.epoch, ...head })).size;
    } catch (fault) {
      // The witness holds another history than the store: nothing may be written on top of either.
      if (isStrongroomError(fault) && fault.code === 'record-tampered')
        writer.status.stop(fault.detail ?? fault.code);
      throw fault;
    }
  };

  return {
    get signedSize() {
      return signedSize;
    },
    async bringUp() {
      if (writer.status.isWaiting) {
        key = await openLog();
        signedSize = writer.size;
      }
      await writer.recover();
    },
    async bringUpToDate() {
      if (writer.state.kind !== 'writing') return;
      signing ??= sign().finally(() => {
        signing = undefined;
      });
      await signing;
    },
    async showLife() {
      if (isReachable()) await writer.showLife();
    },
  };
}
