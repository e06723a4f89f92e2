import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { SecretBytes } from '@strongroom/secret';
import fc from 'fast-check';
import { Clock, claims, coded, flipBit, Keyring, startMs } from '../test/parties.ts';
import { sessionLifetimeMsMax, TicketBox, ticketId } from './ticket.ts';

const octets = Uint8Array.from({ length: 32 }, (_, index) => index);

const keyId = (ticket: string) => Buffer.from(ticket, 'base64url').readUInt32BE(1);

function setup() {
  const clock = new Clock();
  const keyring = new Keyring();
  const secret = SecretBytes.copyOf(octets);
  return { clock, keyring, secret, box: new TicketBox(keyring, clock.now) };
}

test('any worker with the ticket key reads what another wrote', () => {
  const { keyring, secret, box, clock } = setup();
  const facts = { cluster: 'prod', namespace: 'billing', serviceAccount: 'api' };
  const grant = box.issue(secret, { ...claims, facts });
  const opened = new TicketBox(keyring, clock.now).open(grant.ticket);
  assert.deepEqual(opened.claims, { ...claims, facts });
  assert.equal(opened.expiresAtMs, Date.parse(grant.expiresAt));
  assert.deepEqual(
    opened.secret.use((bytes) => Uint8Array.from(bytes)),
    octets,
  );
});

test('a session ends after ten minutes at the latest, and with its proof if that is sooner', () => {
  const { secret, box } = setup();
  const lifetime = (proofExpiresAtMs?: number) =>
    Date.parse(box.issue(secret, claims, proofExpiresAtMs).expiresAt) - startMs;
  assert.equal(lifetime(), sessionLifetimeMsMax);
  assert.equal(lifetime(startMs + 86_400_000), sessionLifetimeMsMax);
  assert.equal(lifetime(startMs + 5_000), 5_000);
  for (const endedMs of [startMs, startMs - 1, Number.NaN, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => lifetime(endedMs), coded('proof-expired'));
  }
});

test('a ticket is refused from the moment it expires', () => {
  const { clock, secret, box } = setup();
  const { ticket } = box.issue(secret, claims, startMs + 1_000);
  clock.ms = startMs + 999;
  box.open(ticket);
  clock.ms = startMs + 1_000;
  assert.throws(() => box.open(ticket), coded('session-ended'));
});

test('a ticket outlives the rotation of its key, not its destruction', () => {
  const { keyring, secret, box } = setup();
  const { ticket } = box.issue(secret, claims);
  keyring.rotate();
  box.open(ticket);
  assert.equal(keyId(ticket), 1);
  assert.equal(keyId(box.issue(secret, claims).ticket), 2);
  keyring.forget(1);
  assert.throws(() => box.open(ticket), coded('session-ended'));
});

test('a ticket under a key of the same id but another value does not open', () => {
  const { secret, box, clock } = setup();
  const { ticket } = box.issue(secret, claims);
  const other = { id: 1, key: createSecretKey(randomBytes(32)) };
  const stranger = new TicketBox({ current: () => other, find: () => other.key }, clock.now);
  assert.throws(() => stranger.open(ticket), coded('session-ended'));
});

test('every flipped bit of a ticket is refused', () => {
  const { secret, box } = setup();
  const ticket = Buffer.from(box.issue(secret, claims).ticket, 'base64url');
  for (let bit = 0; bit < ticket.length * 8; bit += 1) {
    const flipped = Buffer.from(flipBit(ticket, bit)).toString('base64url');
    assert.throws(() => box.open(flipped), coded('session-ended'), String(bit));
  }
});

test('any text is a ticket or a coded refusal', () => {
  const { secret, box } = setup();
  const bytes = Buffer.from(box.issue(secret, claims).ticket, 'base64url');
  const cut = fc
    .nat({ max: bytes.length - 1 })
    .map((length) => bytes.subarray(0, length).toString('base64url'));
  const text = fc.oneof(fc.string(), fc.base64String(), cut);
  fc.assert(fc.property(text, (ticket) => assert.throws(() => box.open(ticket), coded('session-ended'))));
});

test('claims that no worker would take back are a fault of the one that issues', () => {
  const { secret, box } = setup();
  const letters = Array.from({ length: 17 }, (_, index) => String.fromCharCode(97 + index));
  const many = (count: number, characters: number) =>
    Object.fromEntries(letters.slice(0, count).map((name) => [name, 'x'.repeat(characters)]));
  box.issue(secret, { ...claims, facts: many(6, 256) });
  for (const facts of [many(16, 256), many(17, 1), many(1, 257), { 'no name': 'x' }, { fact1: 'x' }]) {
    assert.throws(() => box.issue(secret, { ...claims, facts }), RangeError);
  }
});

test('neither ticket nor content shows the session secret', () => {
  const { secret, box } = setup();
  const { ticket } = box.issue(secret, claims);
  const shown = inspect({ ticket, id: ticketId(ticket), opened: box.open(ticket), box }, { depth: 9 });
  assert.ok(!shown.includes(Buffer.from(octets).toString('hex')));
  assert.ok(!Buffer.from(ticket, 'base64url').includes(Buffer.from(octets)));
  assert.equal(ticketId(ticket), ticketId(ticket));
  assert.match(ticketId(ticket), /^[\w-]{16}$/);
});
