/** CKA_ID of a key: sixteen random octets that tell its maker from any other, and the name of its type after them. */
import { randomBytes } from 'node:crypto';
import type { HsmKeyType } from '../../ports/hsm-key.ts';
import { type KeyKind, keyTypes, kindOf } from './key-kind.ts';

const randomPart = 16;

export function newObjectId(type: HsmKeyType): Buffer {
  return Buffer.concat([randomBytes(randomPart), Buffer.from(type)]);
}

/** The kind that the maker noted, if it is one of this PKCS#11 key type. */
export function notedKind(keyType: number, id: Buffer): KeyKind | undefined {
  const noted = id.toString('utf8', randomPart);
  const type = keyTypes.find((each) => each === noted);
  const kind = type === undefined ? undefined : kindOf(type);
  return kind?.keyType === keyType ? kind : undefined;
}
