/** An append message as an auditor gets it, and as it comes back out of the archive. */
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { ExportedAppend } from '@strongroom/contracts';
import type { NewAppend } from '../domain/batch.ts';

const hashBytes = 32;

export function toExported({ id, worker, bodyHashes, signature }: NewAppend): ExportedAppend {
  const hashes = Array.from({ length: bodyHashes.length / hashBytes }, (_, at) =>
    encodeBytes(bodyHashes.subarray(at * hashBytes, (at + 1) * hashBytes)),
  );
  return { id, worker, bodyHashes: hashes, signature: encodeBytes(signature) };
}

export function fromExported({ id, worker, bodyHashes, signature }: ExportedAppend): NewAppend {
  return {
    id,
    worker,
    bodyHashes: Buffer.concat(bodyHashes.map(decodeBytes)),
    signature: decodeBytes(signature),
  };
}
