/**
 * C2SP tlog-witness `add-checkpoint` (https://c2sp.org/tlog-witness), the checks in the order of the specification. A
 * checkpoint is cosigned only where it is proven to extend the last one that was, and only after it is remembered: two
 * histories of one log are never both cosigned, whatever fails in between.
 */
import {
  cosignatureLine,
  cosignedBytes,
  emptyRoot,
  openNote,
  parseCheckpoint,
  verifyConsistency,
} from '@strongroom/merkle';
import { ed25519Verify } from '@strongroom/sealed';
import { type AddCheckpointRequest, parseAddCheckpoint } from '../domain/add-checkpoint-request.ts';
import type { WitnessState } from '../ports/state.ts';

export interface LogKey {
  /** Of the key, and the origin of the log. */
  readonly name: string;
  readonly publicKey: Uint8Array;
}

export type Answer =
  | { readonly status: 200; readonly cosignature: string }
  /** The request says another old size than this one. */
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 409 | 422; readonly reason: string };

export interface AddCheckpointParts {
  readonly logs: readonly LogKey[];
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  readonly state: WitnessState;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export function makeAddCheckpoint(parts: AddCheckpointParts): (body: string) => Promise<Answer> {
  const logs = new Map(parts.logs.map((log) => [log.name, log]));

  const answer = async (body: string): Promise<Answer> => {
    const request = parseAddCheckpoint(body);
    if (request === undefined) return { status: 400, reason: 'not an add-checkpoint request' };
    const origin = request.note.slice(0, request.note.indexOf('\n'));
    const log = logs.get(origin);
    if (log === undefined) return { status: 404, reason: 'a log that this witness does not know' };
    const text = openNote(request.note, log.name, log.publicKey, (bytes, signature) =>
      ed25519Verify(log.publicKey, bytes, signature),
    );
    if (text === undefined) return { status: 403, reason: 'not signed by the key of the log' };
    return extend(parts, request, text);
  };

  // One after the other: what was cosigned last must not change between the check and the signature.
  let last: Promise<unknown> = Promise.resolve();
  return (body) => {
    const next = last.then(() => answer(body));
    last = next.catch(() => undefined);
    return next;
  };
}

async function extend(
  { name, publicKey, sign, state, now }: AddCheckpointParts,
  { oldSize, proof }: AddCheckpointRequest,
  text: string,
): Promise<Answer> {
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined) return { status: 400, reason: 'not a checkpoint' };
  const { origin, size, root } = checkpoint;
  if (oldSize > size) return { status: 400, reason: 'the old size is larger than the new one' };
  const seen = state.seen(origin);
  const known = seen ?? { size: 0, root: Buffer.from(emptyRoot).toString('base64') };
  if (oldSize !== known.size) return { status: 409, size: known.size };
  const [oldRoot, newRoot] = [known.root, Buffer.from(root).toString('base64')];
  const fork = `a fork: of ${known.size} entries the root was ${oldRoot}, of ${size} it is ${newRoot}`;
  if (size === known.size && oldRoot !== newRoot) return { status: size === 0 ? 422 : 409, reason: fork };
  if (!verifyConsistency(known.size, Buffer.from(oldRoot, 'base64'), size, root, proof))
    return { status: 422, reason: `no proof that it extends what was cosigned; ${fork}` };
  if (seen === undefined || size > seen.size) await state.keep(origin, { size, root: newRoot });
  const time = now();
  const signature = sign(cosignedBytes(text, time));
  return { status: 200, cosignature: cosignatureLine(name, publicKey, time, signature) };
}
