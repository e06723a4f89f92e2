/**
 * The users of the bus and what each may do. Permissions are allow-lists and nothing else: deny rules were bypassed
 * several times (CVE-2022-29946; NATS advisories 2026-17 and -18).
 */
import { busPermissions, eventStream, inboxPrefix, type ServiceName } from '@strongroom/contracts';
import { replyCountMax, replyExpirySeconds } from './limits.ts';

/** Creates the event stream and its consumers; runs at set-up, not as a service. */
export const provisioner = 'provisioner';
export type BusClientName = ServiceName | typeof provisioner;

export interface BusUser {
  readonly name: string;
  /** Public nkey, `U…`. */
  readonly publicKey: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** The right to answer whoever asked: so many times on the subject that the request named, and only for so long. */
  readonly replies?: { readonly max: number; readonly expirySeconds: number };
}

/** Where a client takes answers. Nobody else may listen there. */
export const inboxOf = (client: BusClientName): string =>
  client === provisioner ? `_INBOX_${provisioner}` : inboxPrefix(client);

/** A service, with the durable consumers of events that it may read from. */
export function serviceBusUser(
  service: ServiceName,
  publicKey: string,
  consumers: readonly string[] = [],
): BusUser {
  const permissions = busPermissions(service);
  return {
    name: service,
    publicKey,
    publish: [...permissions.publish, ...consumers.flatMap(consumerSubjects)],
    subscribe: permissions.subscribe,
    replies: { max: replyCountMax, expirySeconds: replyExpirySeconds },
  };
}

/** What reading from one durable consumer takes: look it up, ask for the next messages, acknowledge them. */
const consumerSubjects = (durable: string): string[] => [
  `$JS.API.CONSUMER.INFO.${eventStream}.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.${eventStream}.${durable}`,
  `$JS.ACK.${eventStream}.${durable}.>`,
];

export function provisionerBusUser(publicKey: string): BusUser {
  return {
    name: provisioner,
    publicKey,
    publish: [
      '$JS.API.INFO',
      `$JS.API.STREAM.INFO.${eventStream}`,
      `$JS.API.STREAM.CREATE.${eventStream}`,
      `$JS.API.STREAM.UPDATE.${eventStream}`,
      `$JS.API.CONSUMER.INFO.${eventStream}.*`,
      `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream}.*`,
    ],
    subscribe: [`${inboxOf(provisioner)}.>`],
  };
}
