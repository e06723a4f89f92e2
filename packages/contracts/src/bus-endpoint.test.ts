/** Permissions on the bus are allow-lists; this is what they must never allow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BusEndpoint,
  busEndpoints,
  busPermissions,
  eventPublishers,
  inboxPrefix,
  services,
  subjects,
} from './bus-endpoint.ts';
import { eventNames } from './wire/event.ts';

const literal = Object.values(subjects)
  .map((subject) => (typeof subject === 'string' ? subject : undefined))
  .filter((subject) => subject !== undefined);
const withPool = [
  subjects.operation('crypto', '*'),
  subjects.operation('manage', '*'),
  subjects.lastResort('crypto', '*'),
  subjects.lastResort('manage', '*'),
  subjects.sealingKeys('*'),
  subjects.execute('*'),
  subjects.registryLook('*'),
];

test('the subjects that code uses are those that permissions are made of', () => {
  assert.deepEqual(
    busEndpoints.map(({ subject }) => subject).toSorted(),
    [...literal, ...withPool].toSorted(),
  );
});

test('every subject has one responder, and only workers ask each other, one by its name', () => {
  assert.equal(new Set(busEndpoints.map(({ subject }) => subject)).size, busEndpoints.length);
  for (const { requesters, responder, name } of busEndpoints as readonly BusEndpoint[]) {
    assert.ok(requesters.length > 0, name);
    assert.equal(requesters.includes(responder), name === 'registry.look', name);
  }
});

test('a service publishes requests that it may make and events that it may tell, nothing wider', () => {
  for (const service of services) {
    const { publish, subscribe } = busPermissions(service);
    for (const subject of [...publish, ...subscribe]) assert.match(subject, /^(sr\.v1\.|_INBOX_)/, subject);
    assert.ok(!publish.some((subject) => subject.includes('>')), service);
    assert.deepEqual(
      subscribe.filter((subject) => subject.includes('>')),
      [`${inboxPrefix(service)}.>`],
    );
  }
});

test('no service hears what is asked of another, and none reads the replies of another', () => {
  for (const service of services) {
    const { subscribe } = busPermissions(service);
    for (const endpoint of busEndpoints) {
      assert.equal(subscribe.includes(endpoint.subject), endpoint.responder === service, endpoint.name);
    }
    for (const other of services) {
      if (other !== service)
        assert.ok(!subscribe.some((subject) => subject.startsWith(`${inboxPrefix(other)}.`)));
    }
  }
});

test('the gateway can ask workers and tell no event; approvals can not reach the audit writer', () => {
  const gateway = busPermissions('gateway');
  assert.deepEqual(gateway.publish, [
    subjects.operation('crypto', '*'),
    subjects.lastResort('crypto', '*'),
    subjects.lastResort('manage', '*'),
    subjects.operation('manage', '*'),
    subjects.sealingKeys('*'),
  ]);
  const approvals = busPermissions('approvals').publish;
  assert.deepEqual(
    approvals.filter((subject) => !subject.startsWith('sr.v1.event.')),
    [subjects.execute('*')],
  );
  assert.deepEqual(busPermissions('audit').publish, [
    subjects.witnessCertify,
    subjects.witnessCheckpoint,
    subjects.witnessSinks,
  ]);
});

test('an event is told by one service, and by none that only carries', () => {
  for (const name of eventNames) {
    const allowed = services.filter((service) =>
      busPermissions(service).publish.includes(subjects.event(name)),
    );
    assert.deepEqual(allowed, [eventPublishers[name]], name);
  }
  assert.ok(!Object.values(eventPublishers).includes('gateway'));
});

test('event names are area, noun and past participle', () => {
  for (const name of eventNames) assert.match(name, /^[a-z]+\.[a-z]+\.[a-z]+$/);
});
