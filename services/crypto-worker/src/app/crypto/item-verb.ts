import type { CryptoItemOperations, KeyPurpose, KeyUse } from '@strongroom/contracts';
import { keyRefusal } from '../../domain/key.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import { keyRefused } from '../key/key-refused.ts';
import type { AskedUse } from '../key/use-key.ts';
import type { Step } from './key-task.ts';

export type ItemName = keyof CryptoItemOperations;
export type ItemRequest<Name extends ItemName> = CryptoItemOperations[Name]['request'];
export type ItemReply<Name extends ItemName> = CryptoItemOperations[Name]['reply'];

/** A key as a call found it. */
export interface KeyAtHand {
  readonly tenant: string;
  readonly record: KeyRecord;
  /** Asked for each item: purpose and states, usage policy and rate of the caller. */
  readonly use: (asked: Omit<AskedUse, 'principal'>) => KeyVersionRecord;
}

/**
 * A verb of the area. First the key: what is refused there (its state, its purpose) is refused for all items of the key. Then
 * each item.
 */
export type ItemVerb<Name extends ItemName> = (
  key: KeyAtHand,
) => (item: ItemRequest<Name>) => Step<ItemReply<Name>>;

/** What the key refuses whatever version and item it is asked for. */
export function requireUse({ record }: KeyAtHand, purpose: KeyPurpose, use: KeyUse): void {
  const code = keyRefusal(record, purpose, use);
  if (code !== undefined) throw keyRefused(record, code);
}
