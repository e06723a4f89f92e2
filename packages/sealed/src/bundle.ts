/**
 * Many frames in one HTTP exchange. A connection, its headers and its system calls cost more than everything that a
 * session message needs in a worker, so a caller that asks for many things at once asks for them together. A bundle is no
 * message: each frame is sealed, routed, answered and logged on its own, and an answer is sent when it is there, whatever
 * becomes of the others.
 *
 *     count times: u16 number (big endian), u32 length, frame
 *
 * In a request the numbers count from 0. In an answer each number of the request comes once, in any order.
 */
import { StrongroomError } from '@strongroom/errors';

/** Media type of a bundle over HTTP. */
export const bundleMediaType = 'application/vnd.strongroom.sealed-bundle';
export const bundleFramesMax = 64;
export const bundleBytesMax = 1_048_576;
/** What a frame takes in a bundle beside its own bytes. */
export const bundleRecordBytes = 6;

/** The frame with its number in front. */
export function bundleRecord(number: number, frame: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const prefix = Buffer.allocUnsafe(bundleRecordBytes);
  prefix.writeUInt16BE(number, 0);
  prefix.writeUInt32BE(frame.length, 2);
  return [prefix, frame];
}

export function encodeBundle(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(frames.flatMap((frame, number) => bundleRecord(number, frame)));
}

/** The frames of a request, as views. Throws `message-malformed` or `message-too-large`. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array[] {
  const reader = new BundleReader(bundleBytesMax);
  const frames = [...reader.read(bytes)].map(({ number, frame }, place) => {
    if (number !== place) throw malformed('number');
    return frame;
  });
  if (reader.isInside) throw malformed('length');
  if (frames.length === 0) throw malformed('empty');
  if (frames.length > bundleFramesMax) throw new StrongroomError('message-too-large', { detail: 'bundle' });
  return frames;
}

/** Cuts what arrives, in pieces of any size, into records. */
export class BundleReader {
  readonly #frameBytesMax: number;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Whether the last piece ended in the middle of a record. */
  get isInside(): boolean {
    return this.#rest.length > 0;
  }

  /** The records that the piece completes, as views of it. Throws `message-too-large` before it keeps more than a frame. */
  *read(piece: Uint8Array): Generator<{ readonly number: number; readonly frame: Uint8Array }> {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (bytes.length - at >= bundleRecordBytes) {
      const length = view.getUint32(at + 2);
      if (length > this.#frameBytesMax) throw new StrongroomError('message-too-large', { detail: 'frame' });
      const end = at + bundleRecordBytes + length;
      if (end > bytes.length) break;
      yield { number: view.getUint16(at), frame: bytes.subarray(at + bundleRecordBytes, end) };
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }
}

const malformed = (detail: string): StrongroomError =>
  new StrongroomError('message-malformed', { detail: `bundle: ${detail}` });
