/**
 * Where a record lives in the dictionary. The place is a MAC of the name and not a plain hash: people choose names, and
 * with a public hash one could choose thousands that fall into one bucket and make every change of it slow.
 */
import { digestDomain } from '@strongroom/contracts';
import type { RecordKind } from '../record.ts';
import type { RegistrySeal } from './registry-seal.ts';

/** Unambiguous: no kind holds a slash. */
export type RecordName = `${RecordKind}/${string}`;

export function recordName(kind: RecordKind, id: string): RecordName {
  return `${kind}/${id}`;
}

/** 0 to 65,535: the first 16 bits of the MAC. */
export function bucketNumber(seal: RegistrySeal, name: RecordName): number {
  const mac = seal.mac(digestDomain.registryPlace, { name });
  return ((mac[0] as number) << 8) | (mac[1] as number);
}
