/** Reference page of the bus: who asks whom, and the allow-lists of NATS that derive from it. */
import {
  busEndpoints,
  busPermissions,
  eventPublishers,
  eventStream,
  inboxPrefix,
  services,
  subjects,
} from '../bus-endpoint.ts';
import { eventNames } from '../wire/event.ts';
import { code, list, page, table } from './markdown.ts';

const codes = (texts: readonly string[]): string => texts.map(code).join(', ') || 'nothing';

export function busPage(): string {
  return page('Bus', [
    'Requests travel over NATS. What a service may publish and subscribe to is an allow-list, made from this table; there are ' +
      'no deny rules. `*` stands for the pool, or for one process of the responder.',
    table(
      ['endpoint', 'subject', 'asked by', 'answered by'],
      busEndpoints.map(({ name, subject, requesters, responder }) => [
        name,
        code(subject),
        requesters.join(', '),
        responder,
      ]),
    ),
    '## Permissions',
    'A responder may also answer to the reply subject of a request that it was handed (`allow_responses`). Replies come below a ' +
      'prefix of each service’s own, so none reads those of another.',
    ...services.flatMap((service) => {
      const { publish, subscribe } = busPermissions(service);
      return [
        `### ${service}`,
        list([
          `publishes ${codes(publish)}`,
          `subscribes to ${codes(subscribe)}`,
          `replies below ${code(inboxPrefix(service))}`,
        ]),
      ];
    }),
    '## Events',
    `Stream ${code(eventStream)}, subjects ${code(subjects.event('>'))}. Events carry ids and versions, never values, and are never the only ` +
      'copy of anything.',
    table(
      ['event', 'told by'],
      eventNames.map((name) => [code(subjects.event(name)), eventPublishers[name]]),
    ),
  ]);
}
