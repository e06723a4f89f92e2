/** What the owner of a key allows beyond what its state and purpose allow. Absent fields allow everything. */
import { type Static, Type } from 'typebox';
import { Bytes, closed, closedRecord, Timestamp } from './fields.ts';
import { KeyMechanism, KeyUse } from './key-type.ts';

export const KeyUsage = closed({
  operations: Type.Optional(Type.Array(KeyUse, { minItems: 1, maxItems: 8, uniqueItems: true })),
  mechanisms: Type.Optional(Type.Array(KeyMechanism, { minItems: 1, maxItems: 16, uniqueItems: true })),
  /** No use before and after these moments, whatever the state. */
  notBefore: Type.Optional(Timestamp),
  notAfter: Type.Optional(Timestamp),
  /** Uses a minute by one principal, counted by each worker process for itself. */
  ratePerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
  /** What the associated data must begin with; a use without associated data does not fit. */
  associatedDataPrefix: Type.Optional(Bytes(256, 1)),
});
export type KeyUsage = Static<typeof KeyUsage>;

const labelNamePattern = '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$';
export const LabelValue = Type.String({ pattern: '^[A-Za-z0-9._:@/-]{0,63}$', maxLength: 63 });
/** For people and filters; no decision of the platform reads them. */
export const Labels = closedRecord(labelNamePattern, LabelValue, 32);
export type Labels = Static<typeof Labels>;
