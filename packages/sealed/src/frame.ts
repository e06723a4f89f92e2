/**
 * The envelope that carriers see: one octet of version, one octet of kind, two octets with the length of the header (big
 * endian), the header as canonical JSON, and a body. The first three and the header together are the head; it is the
 * associated data of every encryption, so a carrier can read it and can not change it.
 */
import { StrongroomError } from '@strongroom/errors';

const frameVersion = 1;
/** A secret of 1 MiB as base64url in canonical JSON, with header, proof and room to spare. */
export const frameBytesMax = 1_572_864;
export const frameHeaderBytesMax = 4_096;
/** Media type of a frame over HTTP. */
export const sealedMediaType = 'application/vnd.strongroom.sealed';

/** The top bit tells replies from requests. A `refusal` is not sealed: nobody could open the request that it answers. */
export const frameKind = Object.freeze({
  hpkeRequest: 1,
  sessionRequest: 2,
  hpkeReply: 129,
  sessionReply: 130,
  refusal: 144,
});
export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

const kinds: ReadonlySet<number> = new Set(Object.values(frameKind));
const prefixBytes = 4;

/** Views of the bytes that were decoded, not copies. */
export interface Frame {
  readonly kind: FrameKind;
  /** Everything before the body: the associated data. */
  readonly head: Uint8Array;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** Throws `message-malformed` or `message-too-large`; says nothing about what header and body hold. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length > frameBytesMax) throw new StrongroomError('message-too-large', { detail: 'frame' });
  const [version, kind, high, low] = bytes;
  if (version === undefined || kind === undefined || high === undefined || low === undefined) {
    throw new StrongroomError('message-malformed', { detail: 'frame shorter than its prefix' });
  }
  if (version !== frameVersion) throw new StrongroomError('message-malformed', { detail: 'frame version' });
  if (!isFrameKind(kind)) throw new StrongroomError('message-malformed', { detail: 'frame kind' });
  const headerBytes = high * 256 + low;
  if (headerBytes > frameHeaderBytesMax) throw new StrongroomError('message-too-large', { detail: 'header' });
  const headBytes = prefixBytes + headerBytes;
  if (bytes.length < headBytes) {
    throw new StrongroomError('message-malformed', { detail: 'frame shorter than its header' });
  }
  return {
    kind,
    head: bytes.subarray(0, headBytes),
    header: bytes.subarray(prefixBytes, headBytes),
    body: bytes.subarray(headBytes),
  };
}

/** The head of a frame, needed before the body can be encrypted. */
export function frameHead(kind: FrameKind, header: string): Uint8Array {
  const headerBytes = Buffer.byteLength(header, 'utf8');
  if (headerBytes > frameHeaderBytesMax) throw new StrongroomError('message-too-large', { detail: 'header' });
  const head = Buffer.allocUnsafe(prefixBytes + headerBytes);
  head[0] = frameVersion;
  head[1] = kind;
  head.writeUInt16BE(headerBytes, 2);
  head.write(header, prefixBytes, 'utf8');
  return head;
}

/** Head and parts of a body as one frame; throws `message-too-large`. */
export function joinFrame(head: Uint8Array, ...body: readonly Uint8Array[]): Uint8Array {
  const frame = Buffer.concat([head, ...body]);
  if (frame.length > frameBytesMax) throw new StrongroomError('message-too-large', { detail: 'frame' });
  return frame;
}

export function encodeFrame(kind: FrameKind, header: string, body: Uint8Array): Uint8Array {
  return joinFrame(frameHead(kind, header), body);
}

function isFrameKind(kind: number): kind is FrameKind {
  return kinds.has(kind);
}
