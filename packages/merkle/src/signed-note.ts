/**
 * C2SP signed-note, https://c2sp.org/signed-note: a text, a blank line, and a line for each signature. Only Ed25519,
 * signature type 0x01. Signing and verifying are passed in: the key of the log is in an HSM.
 */
import { hash } from 'node:crypto';

/** `bytes` is the note's text in UTF-8, the newline at its end included: what a signature is over. */
export type VerifyNote = (bytes: Uint8Array, signature: Uint8Array) => boolean;

const ed25519Type = 0x01;
const keyIdBytes = 4;
const signatureBytes = 64;
const signaturesMax = 64;
const noteCharactersMax = 1_048_576;

const keyNameForm = /^[^\s+\p{White_Space}\p{Cc}]+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these.
const forbiddenControl = /[\u0000-\u0009\u000b-\u001f]/;
const signatureLine = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** First four octets of SHA-256(name 0x0A 0x01 public key). An identifier, not a commitment. */
export function noteKeyId(name: string, publicKey: Uint8Array): Uint8Array {
  return keyIdOf(ed25519Type, name, publicKey);
}

export function keyIdOf(type: number, name: string, publicKey: Uint8Array): Uint8Array {
  if (!keyNameForm.test(name)) throw new RangeError('a key name has no spaces and no plus');
  if (publicKey.length !== 32) throw new RangeError('an Ed25519 public key has 32 bytes');
  const prefix = new TextEncoder().encode(`${name}\n${String.fromCharCode(type)}`);
  return hash('sha256', Buffer.concat([prefix, publicKey]), 'buffer').subarray(0, keyIdBytes);
}

/** `<name>+<key id>+<key>`: how C2SP tools are told which key to trust. */
export function noteVerifierKey(name: string, publicKey: Uint8Array): string {
  return verifierKeyOf(ed25519Type, name, publicKey);
}

export function verifierKeyOf(type: number, name: string, publicKey: Uint8Array): string {
  const keyId = Buffer.from(keyIdOf(type, name, publicKey)).toString('hex');
  return `${name}+${keyId}+${Buffer.concat([Uint8Array.of(type), publicKey]).toString('base64')}`;
}

/** What a verifier key of this type says, or `undefined`. */
export function parseVerifierKey(
  text: string,
  type = ed25519Type,
): { readonly name: string; readonly publicKey: Uint8Array } | undefined {
  const [name = '', , ...encoded] = text.split('+');
  const bytes = Buffer.from(encoded.join('+'), 'base64');
  if (bytes.length !== 33 || bytes[0] !== type || !keyNameForm.test(name)) return undefined;
  const publicKey = new Uint8Array(bytes.subarray(1));
  return verifierKeyOf(type, name, publicKey) === text ? { name, publicKey } : undefined;
}

/** The note of `text` with one signature, which is over the UTF-8 bytes of `text`. */
export function signedNote(text: string, name: string, publicKey: Uint8Array, signature: Uint8Array): string {
  if (!isNoteText(text)) throw new RangeError('not the text of a note');
  if (signature.length !== signatureBytes) throw new RangeError('an Ed25519 signature has 64 bytes');
  const encoded = Buffer.concat([noteKeyId(name, publicKey), signature]).toString('base64');
  return `${text}\n\u2014 ${name} ${encoded}\n`;
}

/**
 * The text of a note that the key signed, or `undefined`. Signatures of other keys are ignored, as the format demands;
 * one of this key that does not verify refuses the note whatever else it carries.
 */
export function openNote(
  note: string,
  name: string,
  publicKey: Uint8Array,
  verify: VerifyNote,
): string | undefined {
  const parts = splitNote(note);
  if (parts === undefined) return undefined;
  const keyId = noteKeyId(name, publicKey);
  const own = parts.signatures.filter(
    (line) => line.name === name && Buffer.compare(keyId, line.keyId) === 0,
  );
  if (own.length === 0) return undefined;
  const bytes = new TextEncoder().encode(parts.text);
  const verified = own.every(({ value }) => value.length === signatureBytes && verify(bytes, value));
  return verified ? parts.text : undefined;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly value: Uint8Array;
}

export function splitNote(
  note: string,
): { readonly text: string; readonly signatures: readonly NoteSignature[] } | undefined {
  // The text may hold empty lines of its own: the last one separates.
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0 || note.length > noteCharactersMax || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, blank + 1);
  if (!isNoteText(text)) return undefined;
  const lines = note.slice(blank + 2, -1).split('\n');
  if (lines.length > signaturesMax) return undefined;
  const signatures = lines.map(parseSignature);
  return signatures.every((line) => line !== undefined) ? { text, signatures } : undefined;
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !forbiddenControl.test(text);
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name, encoded] = signatureLine.exec(line) ?? [];
  if (name === undefined || encoded === undefined || !keyNameForm.test(name)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // One text for one signature: `Buffer.from` is lenient about padding and trailing bits.
  if (bytes.toString('base64') !== encoded || bytes.length <= keyIdBytes) return undefined;
  return { name, keyId: bytes.subarray(0, keyIdBytes), value: bytes.subarray(keyIdBytes) };
}
