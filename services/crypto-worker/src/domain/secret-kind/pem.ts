/** Blocks of PEM (RFC 7468) as views of the bytes they stand in; nothing of them becomes a string but their labels. */
export interface PemBlock {
  readonly label: string;
  /** With its boundaries, as parsers take it. */
  readonly pem: Uint8Array;
  /** Base64 between the boundaries. */
  readonly body: Uint8Array;
}

const begin = Buffer.from('-----BEGIN ');
const dashes = Buffer.from('-----');
const labelBytesMax = 32;
const blocksMax = 12;

/** `undefined` for what is not blocks and white space alone. */
export function readPem(value: Uint8Array): readonly PemBlock[] | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const blocks: PemBlock[] = [];
  let at = 0;
  for (;;) {
    const start = bytes.indexOf(begin, at);
    if (!isBlank(bytes.subarray(at, start < 0 ? bytes.length : start))) return undefined;
    if (start < 0) return blocks.length > 0 ? blocks : undefined;
    const block = readBlock(bytes, start);
    if (block === undefined || blocks.length === blocksMax) return undefined;
    blocks.push(block);
    at = start + block.pem.length;
  }
}

function readBlock(bytes: Buffer, start: number): PemBlock | undefined {
  const labelStart = start + begin.length;
  const labelEnd = bytes.indexOf(dashes, labelStart);
  if (labelEnd < 0 || labelEnd - labelStart > labelBytesMax) return undefined;
  const label = bytes.toString('latin1', labelStart, labelEnd);
  if (!/^[A-Z0-9 ]+$/.test(label)) return undefined;
  const boundary = Buffer.from(`-----END ${label}-----`);
  const bodyStart = labelEnd + dashes.length;
  const bodyEnd = bytes.indexOf(boundary, bodyStart);
  if (bodyEnd < 0) return undefined;
  return {
    label,
    pem: bytes.subarray(start, bodyEnd + boundary.length),
    body: bytes.subarray(bodyStart, bodyEnd),
  };
}

const isBlank = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
