import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Inbox } from './inbox.ts';
import {
  batchRecordsMax,
  placeLifeMsMax,
  placeUsesMax,
  replyCountMax,
  replyExpirySeconds,
} from './limits.ts';
import type { PendingRequest } from './pending-request.ts';

const request = (inbox: Inbox, subject: string): PendingRequest => ({
  id: 1,
  subject,
  bytes: new Uint8Array(),
  expiresAt: 0,
  resolve: () => undefined,
  reject: () => undefined,
  absentCode: 'worker-unavailable',
  silentCode: undefined,
  silentSweepsMax: 40,
  silentSweeps: 0,
  answerPrefix: inbox.prefixOf(subject),
  unwatch: undefined,
  place: undefined,
});

/** Sends one message of one request, and settles it. */
function useOnce(inbox: Inbox, subject: string, how: 'answered' | 'given-up' = 'answered'): string {
  const one = request(inbox, subject);
  const place = inbox.take(subject, [one]);
  inbox.settle(one, how);
  return place.subject;
}

test('a place is below the prefix of what was asked, and known only while its message is under way', () => {
  const inbox = new Inbox('_INBOX_gateway.n');
  const requests = [request(inbox, 'a'), request(inbox, 'a')] as const;
  const { subject } = inbox.take('a', requests);
  assert.ok(subject.startsWith(inbox.prefixOf('a')));
  assert.notEqual(inbox.prefixOf('a'), inbox.prefixOf('b'));
  assert.deepEqual(inbox.requestsAt(subject), requests);
  inbox.settle(requests[0], 'answered');
  assert.deepEqual(inbox.requestsAt(subject), requests);
  inbox.settle(requests[1], 'answered');
  assert.deepEqual(inbox.requestsAt(subject), []);
});

test('places are used again one after the other, so the server has few to remember', () => {
  const inbox = new Inbox('i');
  const seen = new Set(Array.from({ length: placeUsesMax }, () => useOnce(inbox, 'a')));
  assert.equal(seen.size, 1);
  assert.ok(!seen.has(useOnce(inbox, 'a')), 'and retire before their count is used up');
});

test('a place retires by age', () => {
  mock.timers.enable({ apis: ['Date'] });
  const clock = mock.method(performance, 'now', () => 0);
  const inbox = new Inbox('i');
  const first = useOnce(inbox, 'a');
  clock.mock.mockImplementation(() => placeLifeMsMax);
  assert.equal(useOnce(inbox, 'a'), first);
  clock.mock.mockImplementation(() => placeLifeMsMax + 1);
  assert.notEqual(useOnce(inbox, 'a'), first);
  mock.reset();
});

test('a place whose message was given up is never used again', () => {
  const inbox = new Inbox('i');
  const first = useOnce(inbox, 'a', 'given-up');
  assert.notEqual(useOnce(inbox, 'a'), first);
});

test('messages under way at the same time have places of their own', () => {
  const inbox = new Inbox('i');
  const places = Array.from({ length: 50 }, () => inbox.take('a', [request(inbox, 'a')]).subject);
  assert.equal(new Set(places).size, 50);
});

test('any number of subjects is asked with bounded memory, and what is under way is not confused', () => {
  const inbox = new Inbox('i');
  const early = request(inbox, 'early');
  const place = inbox.take('early', [early]);
  for (let index = 0; index < 1_000; index += 1) useOnce(inbox, `s${index}`);
  assert.deepEqual(inbox.requestsAt(place.subject), [early]);
  assert.notEqual(inbox.prefixOf('early'), early.answerPrefix);
  inbox.settle(early, 'answered');
  assert.ok(useOnce(inbox, 'early').startsWith(inbox.prefixOf('early')));
});

test('the right to reply covers the life of a place', () => {
  assert.ok(replyCountMax > placeUsesMax * (batchRecordsMax + 1));
  assert.ok(replyExpirySeconds * 1_000 > placeLifeMsMax + 60_000);
});
