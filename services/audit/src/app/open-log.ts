/**
 * Takes the pen: a new epoch fences every earlier writer, the kept tree is checked against the newest signed checkpoint,
 * then the receipt key of the epoch is certified.
 */
import { StrongroomError } from '@strongroom/errors';
import { parseCheckpoint, rootFrom } from '@strongroom/merkle';
import type { LogStore } from '../ports/log-store.ts';
import type { LogWriter } from './log-writer.ts';
import { makeReceiptKey, type ReceiptKeyParts } from './receipt-key.ts';

/** Throws `record-tampered` with the exact reason where the kept log is not the one that was signed. */
export function makeOpenLog(
  parts: ReceiptKeyParts & { readonly store: LogStore; readonly writer: LogWriter },
) {
  return async (): Promise<number> => {
    const { store, writer } = parts;
    const { epoch, size } = await store.takeOver();
    const checkpoint = await store.checkpoint();
    if (checkpoint !== undefined) {
      const { size: signedSize, note } = checkpoint;
      if (signedSize > size) refuse(`a checkpoint over ${signedSize} entries is signed, the log has ${size}`);
      const root = await rootFrom(signedSize, (places) => store.nodes(places));
      const signed = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
      if (signed === undefined || Buffer.compare(signed.root, root) !== 0) {
        refuse(`the first ${signedSize} entries are not those of the signed checkpoint`);
      }
    }
    writer.open(await makeReceiptKey(parts, epoch));
    return epoch;
  };
}

function refuse(detail: string): never {
  throw new StrongroomError('record-tampered', { detail });
}
