/**
 * The two forms of an ECDSA signature: r and s one after the other, each as long as the order of the curve (JOSE, RFC 7518
 * section 3.4; the form of the HSM), and a DER SEQUENCE of two INTEGERs (RFC 3279 section 2.2.3). Either form has one spelling
 * for a signature: what is not minimal DER is no signature, so nobody can make a second valid text out of a first one.
 */

const sequence = 0x30;
const integer = 0x02;
/** One octet of length says up to 127; two curves of 48 octets need no more. */
const shortLengthMax = 0x7f;

export function derFromJose(jose: Uint8Array): Uint8Array {
  const half = jose.length / 2;
  const body = Buffer.concat([derInteger(jose.subarray(0, half)), derInteger(jose.subarray(half))]);
  return Buffer.concat([Uint8Array.of(sequence, body.length), body]);
}

/** `undefined` for what is not the DER of two integers that fit. `orderBytes`: 32 for P-256, 48 for P-384. */
export function joseFromDer(der: Uint8Array, orderBytes: number): Uint8Array | undefined {
  if (der[0] !== sequence || der.length > shortLengthMax + 2 || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der, 2, orderBytes);
  const s = r && readInteger(der, r.end, orderBytes);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  return Buffer.concat([r.value, s.value]);
}

/** Without leading zeros, but for the one that keeps the number positive. */
function derInteger(value: Uint8Array): Uint8Array {
  const start = value.findIndex((octet) => octet !== 0);
  const digits = start < 0 ? Uint8Array.of(0) : value.subarray(start);
  const isNegative = (digits[0] as number) > shortLengthMax;
  const prefix = isNegative ? [integer, digits.length + 1, 0] : [integer, digits.length];
  return Buffer.concat([Uint8Array.from(prefix), digits]);
}

function readInteger(der: Uint8Array, at: number, valueBytes: number) {
  const length = der[at + 1];
  if (der[at] !== integer || length === undefined || length === 0) return undefined;
  const [start, end] = [at + 2, at + 2 + length];
  const digits = der.subarray(start, end);
  if (digits.length !== length || !isMinimal(digits)) return undefined;
  const magnitude = digits[0] === 0 ? digits.subarray(1) : digits;
  if (magnitude.length > valueBytes) return undefined;
  const value = Buffer.alloc(valueBytes);
  value.set(magnitude, valueBytes - magnitude.length);
  return { value, end };
}

/** Not negative, and no zero in front that the sign does not need. */
function isMinimal([first = 0, second]: Uint8Array): boolean {
  if (first > shortLengthMax) return false;
  return first !== 0 || second === undefined || second > shortLengthMax;
}
