import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes, canonicalText, decodeBytes } from '@strongroom/canonical';
import { SecretBytes } from '@strongroom/secret';
import { Clock, claims, coded, content, Keyring, opening, routing, startMs } from '../test/parties.ts';
import { decodeFrame, frameHead, frameKind, joinFrame } from './frame.ts';
import { ClientSession } from './session.ts';
import { deriveSessionKeys, sealSessionRequest } from './session-keys.ts';
import { SessionTable } from './session-table.ts';
import { TicketBox } from './ticket.ts';

const octets = Uint8Array.from({ length: 32 }, (_, index) => index);

function setup(sessionsMax = 16_384) {
  const clock = new Clock();
  const tickets = new TicketBox(new Keyring(), clock.now);
  const grant = (lifetimeMs = 600_000) =>
    tickets.issue(SecretBytes.copyOf(octets), claims, clock.ms + lifetimeMs);
  const newSession = (lifetimeMs?: number) =>
    new ClientSession(SecretBytes.copyOf(octets), grant(lifetimeMs));
  return { clock, grant, newSession, table: new SessionTable({ tickets, nowMs: clock.now, sessionsMax }) };
}

/** A caller that has all keys and none of the manners. */
function craft(ticket: string, plaintext: Uint8Array, header = routing(), counter = 0) {
  const keys = deriveSessionKeys(octets, decodeBytes(ticket));
  const head = frameHead(
    frameKind.sessionRequest,
    canonicalText({ ...header, session: { ticket, counter } }),
  );
  return decodeFrame(joinFrame(head, ...sealSessionRequest(keys, counter, head, plaintext)));
}

test('what is inside must repeat the header, bring no proof, and be canonical', () => {
  const { table, grant } = setup();
  const { ticket } = grant();
  const header = routing();
  const good = { routing: header, ...content };
  const crafted = (message: object, counter: number) =>
    craft(ticket, canonicalBytes(message as CanonicalValue), header, counter);
  const offenders = [
    { ...good, routing: { ...header, pool: 'other' } },
    { ...good, routing: { ...header, tenant: 'other' } },
    { ...good, routing: { ...header, class: 'manage' } },
    { ...good, routing: routing() },
    { ...good, routing: { ...header, notAfter: new Date(startMs + 60_000).toISOString() } },
    { ...good, proof: opening.proof },
    { ...good, openSession: true },
    { ...good, extra: 1 },
    { routing: header, operation: 'key.list' },
    [],
  ];
  offenders.forEach((message, index) => {
    assert.throws(() => table.open(crafted(message, index)), coded('message-malformed'), String(index));
  });
  const spaced = Buffer.from(JSON.stringify(good, undefined, 1));
  assert.throws(() => table.open(craft(ticket, spaced, header, 100)), coded('message-malformed'));
  assert.throws(
    () => table.open(craft(ticket, Uint8Array.of(0xff), header, 101)),
    coded('message-malformed'),
  );
  assert.deepEqual(table.open(crafted(good, 102)).message, good);
});

test('two tickets of one secret are two sessions', () => {
  const { table, newSession } = setup();
  const [first, second] = [newSession(), newSession()];
  const header = routing();
  const one = decodeFrame(first.seal(header, content).frame);
  const two = decodeFrame(second.seal(header, content).frame);
  assert.notDeepEqual(one.body, two.body);
  table.open(one);
  table.open(two);
  assert.equal(table.size, 2);
});

test('the table holds so many sessions and no more; the one that leaves can come back by its ticket', () => {
  const { table, newSession } = setup(3);
  const sessions = Array.from({ length: 5 }, () => newSession());
  for (const session of [...sessions, ...sessions]) {
    table.open(decodeFrame(session.seal(routing(), content).frame));
    assert.ok(table.size <= 3);
  }
});

test('sessions that are over make room first', () => {
  const { table, newSession, clock } = setup();
  for (const session of [newSession(1_000), newSession(1_000)]) {
    table.open(decodeFrame(session.seal(routing(), content).frame));
  }
  clock.ms += 1_000;
  table.open(decodeFrame(newSession().seal(routing(), content).frame));
  assert.equal(table.size, 1);
});

test('a frame of another kind is no session message', () => {
  const { table, grant } = setup();
  const { header, body } = craft(grant().ticket, Uint8Array.of(1));
  const head = frameHead(frameKind.hpkeRequest, Buffer.from(header).toString());
  assert.throws(() => table.open(decodeFrame(joinFrame(head, body))), coded('message-malformed'));
});

test('a ticket that ends like another one opens nothing', () => {
  const { table, grant } = setup();
  const { ticket } = grant();
  const header = routing();
  table.open(
    craft(ticket, canonicalBytes({ routing: header, ...content } as unknown as CanonicalValue), header),
  );
  const alike = `${'A'.repeat(ticket.length - 32)}${ticket.slice(-32)}`;
  assert.equal(alike.length, ticket.length);
  const message = canonicalBytes({ routing: header, ...content } as unknown as CanonicalValue);
  assert.throws(() => table.open(craft(alike, message, header, 1)), coded('message-malformed'));
  // Not even for who holds the keys of the session and says otherwise in the header.
  const known = decodeFrame(
    new ClientSession(SecretBytes.copyOf(octets), {
      ticket,
      expiresAt: new Date(startMs + 1_000).toISOString(),
    }).seal(header, content).frame,
  );
  const head = frameHead(
    frameKind.sessionRequest,
    canonicalText({ ...header, session: { ticket: alike, counter: 0 } }),
  );
  assert.throws(() => table.open(decodeFrame(joinFrame(head, known.body))), coded('message-malformed'));
});

test('a reply that is made after its session left the table still reaches its caller', () => {
  const { table, newSession } = setup(1);
  const first = newSession();
  const header = routing();
  const sealed = first.seal(header, content);
  const opened = table.open(decodeFrame(sealed.frame));
  for (const other of [newSession(), newSession()])
    table.open(decodeFrame(other.seal(routing(), content).frame));
  const reply = { requestId: header.requestId, status: 'done', result: {}, entry: 1 } as const;
  assert.deepEqual(sealed.openReply(opened.sealReply(reply)), reply);
});
