/**
 * What one NATS message holds: up to 64 requests, or up to 64 answers and signs of life. Big endian:
 *
 *     u8 version = 1, u16 count, u64 time of sending (ms since 1970)
 *     count times: u32 id, u8 kind (1 request, 2 reply, 3 error, 4 sign), u32 remaining deadline (ms), u32 length, bytes
 *
 * The decoder takes exactly this, ends where the message ends, and allocates nothing that a length field asks for: the
 * bytes of a record are a view into the message.
 */
import { batchRecordsMax, deadlineMsMax, recordBytesMax } from './limits.ts';

const version = 1;
const headerBytes = 11;
const recordHeaderBytes = 13;

/** A sign says that the request is being worked on; an answer follows. */
const kindCodes = { request: 1, reply: 2, error: 3, sign: 4 } as const;
export type RecordKind = keyof typeof kindCodes;
const kinds: readonly (RecordKind | undefined)[] = [undefined, 'request', 'reply', 'error', 'sign'];

export interface FrameRecord {
  /** Chosen by the requester, repeated in the answer. */
  readonly id: number;
  readonly kind: RecordKind;
  /** Milliseconds that the requester still waits; 0 in answers. */
  readonly remainingMs: number;
  readonly bytes: Uint8Array;
}

export interface Frame {
  readonly sentAtMs: number;
  readonly records: readonly FrameRecord[];
}

export type FrameProblem =
  | 'truncated'
  | 'version'
  | 'count'
  | 'time'
  | 'kind'
  | 'deadline'
  | 'length'
  | 'trailing';

export const recordBytes = (payload: Uint8Array): number => recordHeaderBytes + payload.length;

/** The caller keeps to the bounds: 1 to 64 records, deadlines of whole milliseconds. */
export function encodeFrame(records: readonly FrameRecord[], sentAtMs: number): Uint8Array {
  let size = headerBytes;
  for (const record of records) size += recordBytes(record.bytes);
  const out = Buffer.allocUnsafe(size);
  out[0] = version;
  out.writeUInt16BE(records.length, 1);
  out.writeUInt32BE(Math.floor(sentAtMs / 2 ** 32), 3);
  out.writeUInt32BE(sentAtMs % 2 ** 32, 7);
  let at = headerBytes;
  for (const record of records) {
    out.writeUInt32BE(record.id, at);
    out[at + 4] = kindCodes[record.kind];
    out.writeUInt32BE(record.remainingMs, at + 5);
    out.writeUInt32BE(record.bytes.length, at + 9);
    out.set(record.bytes, at + recordHeaderBytes);
    at += recordBytes(record.bytes);
  }
  return out;
}

const fits = (kind: RecordKind, holds: 'requests' | 'answers') =>
  (kind === 'request') === (holds === 'requests');

/** A frame of the expected direction, or the first thing that is wrong with the bytes. Never throws. */
export function decodeFrame(bytes: Uint8Array, holds: 'requests' | 'answers'): Frame | FrameProblem {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (input.length < headerBytes) return 'truncated';
  if (input[0] !== version) return 'version';
  const count = input.readUInt16BE(1);
  if (count < 1 || count > batchRecordsMax) return 'count';
  const sentAtMs = input.readUInt32BE(3) * 2 ** 32 + input.readUInt32BE(7);
  if (!Number.isSafeInteger(sentAtMs)) return 'time';
  const records: FrameRecord[] = [];
  let at = headerBytes;
  while (records.length < count) {
    if (input.length - at < recordHeaderBytes) return 'truncated';
    const kind = kinds[input[at + 4] as number];
    if (kind === undefined || !fits(kind, holds)) return 'kind';
    const remainingMs = input.readUInt32BE(at + 5);
    if (kind === 'request' ? remainingMs < 1 || remainingMs > deadlineMsMax : remainingMs !== 0)
      return 'deadline';
    const length = input.readUInt32BE(at + 9);
    const start = at + recordHeaderBytes;
    if (length > recordBytesMax || length > input.length - start) return 'length';
    records.push({
      id: input.readUInt32BE(at),
      kind,
      remainingMs,
      bytes: bytes.subarray(start, start + length),
    });
    at = start + length;
  }
  return at === input.length ? { sentAtMs, records } : 'trailing';
}
