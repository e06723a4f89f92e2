/** Domain events on JetStream: ids and versions, no values. Never the only copy of anything. */
import { type Static, Type } from 'typebox';
import { Count, closed, RequestId, Text, Timestamp } from '../fields.ts';

export const eventNames = [
  'key.version.created',
  'key.state.changed',
  'key.record.changed',
  'secret.version.written',
  'secret.version.deleted',
  'secret.version.undeleted',
  'secret.version.destroyed',
  'secret.version.expired',
  'secret.settings.changed',
  'secret.expiry.announced',
  'secret.rotation.announced',
  'group.record.created',
  'group.kek.rotated',
  'group.kek.destroyed',
  'group.values.reencrypted',
  'principal.record.changed',
  'binding.record.changed',
  'cluster.record.changed',
  'proposal.quorum.opened',
  'proposal.vote.recorded',
  'proposal.quorum.decided',
  'operation.outcome.unknown',
] as const;
export type EventName = (typeof eventNames)[number];

export const DomainEvent = closed({
  id: RequestId,
  name: Type.Union(eventNames.map((name) => Type.Literal(name))),
  at: Timestamp,
  requestId: Type.Optional(RequestId),
  /** `<kind>/<group>/<name>` or `<kind>/<name>`. */
  object: Text(300),
  version: Type.Optional(Count),
  /** Of an announcement: at most so many days are left; 0: the date is past. */
  days: Type.Optional(Count),
});
export interface DomainEvent extends Omit<Static<typeof DomainEvent>, 'name'> {
  readonly name: EventName;
}
