/**
 * Looking for objects. An empty answer of the module proves nothing: SoftHSM answers every search with "none" and no
 * error once its token directory is gone, for as long as the process lives. So nothing here calls an object absent;
 * `TokenConnection.proveAnswering` has to agree first.
 */
import { endianness } from 'node:os';
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyType } from '../../ports/hsm-key.ts';
import { cka, ckk, cko } from './constants.ts';
import type { Attribute, Cryptoki, Handle } from './cryptoki.ts';
import { asFault } from './fault.ts';
import { kindAmong } from './key-kind.ts';
import { notedKind } from './object-id.ts';

export interface TokenObject {
  readonly handle: Handle;
  readonly objectClass: 'secret-key' | 'private-key' | 'public-key' | 'data';
  readonly label: string;
  /** Keys only; empty where the maker set none. */
  readonly id: string;
  /** Keys of the kinds that the platform makes. */
  readonly keyType: HsmKeyType | undefined;
}

const handlesPerCall = 512;

function findHandles(
  cryptoki: Cryptoki,
  session: Handle,
  template: readonly Attribute[],
  countMax = Number.MAX_SAFE_INTEGER,
): Handle[] {
  const found: Handle[] = [];
  cryptoki.C_FindObjectsInit(session, template);
  while (found.length < countMax) {
    const some = cryptoki.C_FindObjects(session, Math.min(handlesPerCall, countMax - found.length));
    if (some.length === 0) break;
    found.push(...some);
  }
  cryptoki.C_FindObjectsFinal(session);
  return found;
}

const onToken: Attribute = { type: cka.token, value: true };

/** Objects of any class with exactly this label. */
export function findByLabel(cryptoki: Cryptoki, session: Handle, label: string): TokenObject[] {
  const found = findDescribed(cryptoki, session, [onToken, { type: cka.label, value: Buffer.from(label) }]);
  for (const object of found) {
    // Whatever that handle names, using it would be using a key that nobody asked for.
    if (object.label !== label) throw new StrongroomError('hsm-inconsistent', { detail: otherHandle(label) });
  }
  return found;
}

const otherHandle = (label: string) => `a search for ${label} was answered with the handle of another object`;

const isPrivate: Attribute = { type: cka.private, value: true };

/** All keys and data objects that only a logged-in user sees. */
export function findPrivate(cryptoki: Cryptoki, session: Handle): TokenObject[] {
  return findDescribed(cryptoki, session, [onToken, isPrivate]);
}

export function anyPrivateExists(cryptoki: Cryptoki, session: Handle): boolean {
  return findHandles(cryptoki, session, [onToken, isPrivate], 1).length > 0;
}

const looksMax = 5;

/**
 * Another process may destroy an object between the search and the look at it. Then the search is done again, because
 * what took its place, as a data object's newer value does, was not in the first one.
 */
function findDescribed(cryptoki: Cryptoki, session: Handle, template: readonly Attribute[]): TokenObject[] {
  for (let looks = 1; ; looks += 1) {
    try {
      const handles = findHandles(cryptoki, session, template);
      return handles.flatMap((handle) => describe(cryptoki, session, handle) ?? []);
    } catch (error) {
      if (asFault(error)?.returnCode.evictsHandle !== true || looks === looksMax) throw error;
    }
  }
}

const classes = new Map([
  [cko.secretKey, 'secret-key'],
  [cko.privateKey, 'private-key'],
  [cko.publicKey, 'public-key'],
  [cko.data, 'data'],
] as const);

/** `undefined` for what is none of ours; an object that a crash left half made is one of those, or a key of no type. */
function describe(cryptoki: Cryptoki, session: Handle, handle: Handle): TokenObject | undefined {
  const [classValue, labelValue] = readSome(cryptoki, session, handle, [cka.class, cka.label]);
  const objectClass = classes.get(asNumber(classValue) as never);
  if (objectClass === undefined || labelValue === undefined) return undefined;
  const label = labelValue.toString('utf8');
  if (objectClass === 'data') return { handle, objectClass, label, id: '', keyType: undefined };
  const [keyType, id] = readSome(cryptoki, session, handle, [cka.keyType, cka.id]);
  return {
    handle,
    objectClass,
    label,
    id: id?.toString('hex') ?? '',
    keyType: tellKind(cryptoki, session, handle, asNumber(keyType), id ?? nothing),
  };
}

const nothing = Buffer.alloc(0);

/**
 * One attribute more, by which keys of one PKCS#11 type differ. SoftHSM forgets to note the length of a secret key that it
 * unwraps; then the maker's own note counts, which it left in the identifier.
 */
function tellKind(cryptoki: Cryptoki, session: Handle, handle: Handle, keyType: number, id: Buffer) {
  const type = telling.get(keyType);
  if (type === undefined) return undefined;
  const [value = nothing] = readSome(cryptoki, session, handle, [type]);
  const bytes = type === cka.valueLength ? asNumber(value) : 0;
  if (bytes === 0 && type === cka.valueLength) return notedKind(keyType, id)?.type;
  return kindAmong(keyType, { bytes, modulus: value.length, curve: value })?.type;
}

const telling = new Map<number, number>([
  [ckk.aes, cka.valueLength],
  [ckk.genericSecret, cka.valueLength],
  [ckk.rsa, cka.modulus],
  [ckk.ec, cka.ecParams],
  [ckk.ecEdwards, cka.ecParams],
]);

const attributeTypeInvalid = 0x12;

/**
 * All of the attributes, or none where the object lacks one. That is believed only when it is said twice: it takes an
 * object out of sight, and what is out of sight is taken for absent.
 */
function readSome(
  cryptoki: Cryptoki,
  session: Handle,
  handle: Handle,
  types: readonly number[],
): readonly Buffer[] {
  const template = types.map((type) => ({ type }));
  for (let looks = 1; ; looks += 1) {
    try {
      return cryptoki.C_GetAttributeValue(session, handle, template).map(({ value }) => Buffer.from(value));
    } catch (error) {
      if (asFault(error)?.returnCode.value !== attributeTypeInvalid) throw error;
      if (looks === 2) return [];
    }
  }
}

/** The low 32 bits of a CK_ULONG, which the module writes in the byte order of the machine; -1 where there is none. */
function asNumber(value: Buffer | undefined): number {
  if (value === undefined || value.length < 4) return -1;
  return endianness() === 'LE' ? value.readUInt32LE(0) : value.readUInt32BE(value.length - 4);
}
