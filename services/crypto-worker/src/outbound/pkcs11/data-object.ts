/**
 * Small values that must not be rolled back with the database. PKCS#11 can not replace a value atomically (SoftHSM
 * truncates the file, then writes), so a value is never changed in place:
 *
 * 1. A new object is created, with a sequence one higher and a hash over both.
 * 2. Older objects of the label are destroyed.
 *
 * A reader takes the highest sequence whose hash fits. A crash in 1 leaves an object without a value, which no reader
 * takes; a crash in 2 leaves older ones, which no reader takes. So whatever was once written is always there whole: a
 * label with nothing but empty objects never had a value, and one with a value that is not whole, and none that is, is
 * damaged. To call that "absent" would be a rollback.
 */
import { createHash } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import { cka } from './constants.ts';
import type { Attribute } from './cryptoki.ts';
import { afterChange, asFault } from './fault.ts';
import { readValues } from './key-attributes.ts';
import { destroyObjects } from './label-claim.ts';
import type { TokenObject } from './object-finder.ts';
import { dataObjectTemplate } from './template.ts';
import type { TokenAccess, TokenConnection } from './token-connection.ts';

const dataBytesMax = 16_384;
const formatVersion = 1;
const headerBytes = 1 + 8;
const hashBytes = 32;

interface StoredValue {
  readonly object: TokenObject;
  readonly sequence: bigint;
  readonly value: Uint8Array;
}

export function readDataObject(connection: TokenConnection, label: string): Uint8Array | undefined {
  return newest(readAll(connection, label))?.value;
}

export async function writeDataObject(access: TokenAccess, label: string, value: Uint8Array): Promise<void> {
  const connection = access.connection();
  if (value.length > dataBytesMax) throw new StrongroomError('message-too-large', { detail: 'data object' });
  const before = readAll(connection, label);
  const sequence = (newest(before)?.sequence ?? 0n) + 1n;
  const template = dataObjectTemplate(label, frame(sequence, value));
  await connection.change(() => createDataObject(connection, template));
  await afterChange(() => destroyObjects(connection, before.objects));
}

/** NSS keeps keys and certificates only. */
function createDataObject({ cryptoki, sessions }: TokenConnection, template: readonly Attribute[]): void {
  try {
    sessions.use((session) => cryptoki.C_CreateObject(session, template));
  } catch (error) {
    const fault = asFault(error);
    if (fault?.returnCode.code !== 'mechanism-unsupported') throw error;
    throw new StrongroomError('mechanism-unsupported', { detail: 'CKO_DATA', cause: fault });
  }
}

interface Objects {
  readonly objects: readonly TokenObject[];
  readonly values: readonly (StoredValue | 'empty' | 'damaged')[];
}

function newest({ objects, values }: Objects): StoredValue | undefined {
  const whole = values.filter((value) => typeof value === 'object');
  const [first] = whole.toSorted((a, b) => (a.sequence < b.sequence ? 1 : -1));
  if (first === undefined && values.includes('damaged')) {
    throw new StrongroomError('hsm-inconsistent', { detail: `data object ${objects[0]?.label} is damaged` });
  }
  return first;
}

const looksMax = 5;

/**
 * Looks again when a writer destroyed what the search found, and once more before it believes that there is nothing: a
 * module that lists first and filters later can miss both the old object and the new one.
 */
function readAll(connection: TokenConnection, label: string): Objects {
  for (let looks = 1; ; looks += 1) {
    const objects = connection.findObjects(label).filter(({ objectClass }) => objectClass === 'data');
    if (objects.length === 0 && looks === 1) continue;
    try {
      return { objects, values: objects.map((object) => readValue(connection, object)) };
    } catch (error) {
      if (asFault(error)?.returnCode.evictsHandle !== true || looks === looksMax) throw error;
    }
  }
}

function readValue(connection: TokenConnection, object: TokenObject): StoredValue | 'empty' | 'damaged' {
  const framed = readFrame(connection, object);
  if (framed.length === 0) return 'empty';
  const parsed = unframe(framed);
  return parsed === undefined ? 'damaged' : { object, ...parsed };
}

/** Empty where the object has no value, which is believed only when it is said twice: else a hiccup is a rollback. */
function readFrame(connection: TokenConnection, { handle }: TokenObject): Uint8Array {
  for (let looks = 1; ; looks += 1) {
    try {
      return readValues(connection, handle, [cka.value])[0] ?? new Uint8Array(0);
    } catch (error) {
      if (asFault(error)?.returnCode.name !== 'CKR_ATTRIBUTE_TYPE_INVALID') throw error;
      if (looks === 2) return new Uint8Array(0);
    }
  }
}

function frame(sequence: bigint, value: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(headerBytes + value.length + hashBytes);
  framed.writeUInt8(formatVersion, 0);
  framed.writeBigUInt64BE(sequence, 1);
  framed.set(value, headerBytes);
  framed.set(hashOf(framed.subarray(0, headerBytes + value.length)), headerBytes + value.length);
  return framed;
}

function unframe(bytes: Uint8Array): { sequence: bigint; value: Uint8Array } | undefined {
  const framed = Buffer.from(bytes);
  const end = framed.length - hashBytes;
  if (end < headerBytes || framed.readUInt8(0) !== formatVersion) return undefined;
  if (!hashOf(framed.subarray(0, end)).equals(framed.subarray(end))) return undefined;
  return {
    sequence: framed.readBigUInt64BE(1),
    value: Uint8Array.from(framed.subarray(headerBytes, end)),
  };
}

const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
