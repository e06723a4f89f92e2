/**
 * C2SP tlog-cosignature v1 of Ed25519, https://c2sp.org/tlog-cosignature: a witness says that it saw this checkpoint at a
 * time, and that every checkpoint of the log that it saw before is a beginning of it.
 */
import { keyIdOf, parseVerifierKey, splitNote, type VerifyNote, verifierKeyOf } from './signed-note.ts';

const cosignatureType = 0x04;
const timeBytes = 8;
const signatureBytes = 64;
const lineForm = /^\u2014 [^ ]+ [A-Za-z0-9+/]+={0,2}\n$/u;

/** How C2SP tools are told which witness to trust. */
export const cosignatureVerifierKey = (name: string, publicKey: Uint8Array): string =>
  verifierKeyOf(cosignatureType, name, publicKey);

export const parseCosignatureKey = (text: string) => parseVerifierKey(text, cosignatureType);

/** What a witness signs: `text` is the checkpoint without its signatures, `time` in seconds since 1970. */
export function cosignedBytes(text: string, time: number): Uint8Array {
  return new TextEncoder().encode(`cosignature/v1\ntime ${time}\n${text}`);
}

/** The line that is added to a note, its end included. */
export function cosignatureLine(
  name: string,
  publicKey: Uint8Array,
  time: number,
  signature: Uint8Array,
): string {
  if (signature.length !== signatureBytes) throw new RangeError('an Ed25519 signature has 64 bytes');
  const stamp = Buffer.alloc(timeBytes);
  stamp.writeBigUInt64BE(BigInt(time));
  const value = Buffer.concat([keyIdOf(cosignatureType, name, publicKey), stamp, signature]);
  return `\u2014 ${name} ${value.toString('base64')}\n`;
}

/** The note with more signature lines. Throws `RangeError` for what is no such line. */
export function withCosignatures(note: string, lines: readonly string[]): string {
  if (!lines.every((line) => lineForm.test(line))) throw new RangeError('not a signature line');
  return note + lines.join('');
}

/** When the witness cosigned the note, in seconds since 1970; `undefined` where it did not, or one line of it is false. */
export function cosignedAt(
  note: string,
  name: string,
  publicKey: Uint8Array,
  verify: VerifyNote,
): number | undefined {
  const parts = splitNote(note);
  if (parts === undefined) return undefined;
  const keyId = keyIdOf(cosignatureType, name, publicKey);
  const own = parts.signatures.filter(
    (line) => line.name === name && Buffer.compare(keyId, line.keyId) === 0,
  );
  const times = own.map(({ value }) => {
    if (value.length !== timeBytes + signatureBytes) return undefined;
    const time = Number(Buffer.from(value.subarray(0, timeBytes)).readBigUInt64BE());
    const isValid =
      Number.isSafeInteger(time) && verify(cosignedBytes(parts.text, time), value.subarray(timeBytes));
    return isValid ? time : undefined;
  });
  const [first] = times;
  return first !== undefined && times.every((time) => time !== undefined) ? first : undefined;
}
