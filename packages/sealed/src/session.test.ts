import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { canonicalText } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import {
  coded,
  content,
  done,
  flipBit,
  opening,
  openSession,
  routing,
  sessionParties,
} from '../test/parties.ts';
import { decodeFrame, encodeFrame, frameKind, joinFrame } from './frame.ts';
import { encodeRefusal } from './refusal.ts';
import { requestHash } from './request-hash.ts';

const refused = coded('message-malformed', 'message-too-large', 'session-ended', 'request-replayed');

test('a worker opens what the caller sealed, and the caller what the worker answered', async () => {
  const { session, worker } = await sessionParties();
  for (let turn = 0; turn < 3; turn += 1) {
    const header = routing();
    const sealed = session.seal(header, content);
    const opened = worker.open(decodeFrame(sealed.frame));
    const { operation, params } = opened.message;
    assert.deepEqual(opened.hash, requestHash(opened.routing, operation, params));
    assert.deepEqual(opened.routing, header);
    assert.deepEqual(opened.message, { routing: header, ...content });
    assert.equal(opened.session.claims.principal, 'plugin:node-1');
    const reply = done(header.requestId, { plaintext: String(turn) });
    assert.deepEqual(sealed.openReply(opened.sealReply(reply)), reply);
  }
  assert.equal(worker.size, 1);
});

test('any worker with the ticket keys continues a session', async () => {
  const { session, newWorker } = await sessionParties();
  for (const worker of [newWorker(), newWorker(), newWorker()]) {
    const header = routing();
    const sealed = session.seal(header, content);
    const answer = worker.open(decodeFrame(sealed.frame)).sealReply(done(header.requestId));
    assert.equal(sealed.openReply(answer).status, 'done');
  }
});

test('every flipped bit of a request is refused', async () => {
  const { session, worker } = await sessionParties();
  const { frame } = session.seal(routing(), content);
  for (let bit = 0; bit < frame.length * 8; bit += 1) {
    assert.throws(() => worker.open(decodeFrame(flipBit(frame, bit))), refused, String(bit));
  }
  worker.open(decodeFrame(frame));
});

test('every flipped bit of a reply is refused', async () => {
  const { session, worker } = await sessionParties();
  const header = routing();
  const sealed = session.seal(header, content);
  const answer = worker.open(decodeFrame(sealed.frame)).sealReply(done(header.requestId));
  for (let bit = 0; bit < answer.length * 8; bit += 1) {
    assert.throws(() => sealed.openReply(flipBit(answer, bit)), coded('reply-invalid'), String(bit));
  }
  sealed.openReply(answer);
});

test('a worker takes a counter once, in any order, and only from who can seal', async () => {
  const { session, worker } = await sessionParties();
  const frames = Array.from({ length: 40 }, () => session.seal(routing(), content).frame);
  for (const frame of frames.toReversed()) worker.open(decodeFrame(frame));
  for (const frame of frames) assert.throws(() => worker.open(decodeFrame(frame)), coded('request-replayed'));
  const { frame } = session.seal(routing(), content);
  const { header, body } = decodeFrame(frame);
  const far = Buffer.from(header)
    .toString()
    .replace(/"counter":\d+/, '"counter":900000');
  const forged = encodeFrame(frameKind.sessionRequest, far, body);
  assert.throws(() => worker.open(decodeFrame(forged)), coded('message-malformed'));
  worker.open(decodeFrame(frame));
});

test('a replayed request that two workers answer gives two replies without a common key', async () => {
  const { session, newWorker } = await sessionParties();
  const header = routing();
  const sealed = session.seal(header, content);
  const [first, second] = [newWorker(), newWorker()].map((worker) =>
    worker.open(decodeFrame(sealed.frame)).sealReply(done(header.requestId)),
  );
  assert.ok(first && second);
  const [one, two] = [decodeFrame(first), decodeFrame(second)];
  assert.deepEqual(one.head, two.head);
  assert.notDeepEqual(one.body.subarray(0, 16), two.body.subarray(0, 16));
  assert.notDeepEqual(one.body.subarray(16, 48), two.body.subarray(16, 48));
  assert.deepEqual(sealed.openReply(first), sealed.openReply(second));
});

test('a reply fits one request of one session', async () => {
  const { session, worker, tickets } = await sessionParties();
  const other = await openSession(tickets);
  const header = routing();
  const mine = session.seal(header, content);
  const later = session.seal(header, content);
  const theirs = other.seal(header, content);
  const answers = [mine, later, theirs].map((each) =>
    worker.open(decodeFrame(each.frame)).sealReply(done(header.requestId)),
  );
  [mine, later, theirs].forEach((sealed, index) => {
    answers.forEach((answer, from) => {
      if (index === from) assert.equal(sealed.openReply(answer).status, 'done');
      else assert.throws(() => sealed.openReply(answer), coded('reply-invalid'));
    });
  });
});

test('head and body of two requests of one session can not be exchanged', async () => {
  const { session, worker } = await sessionParties();
  const [first, second] = [session, session].map((each) => decodeFrame(each.seal(routing(), content).frame));
  assert.ok(first && second);
  assert.throws(
    () => worker.open(decodeFrame(joinFrame(first.head, second.body))),
    coded('message-malformed'),
  );
  assert.throws(
    () => worker.open(decodeFrame(joinFrame(second.head, first.body))),
    coded('message-malformed'),
  );
});

test('a message under the ticket of another session is refused', async () => {
  const { session, worker, tickets } = await sessionParties();
  const other = await openSession(tickets);
  const header = routing();
  const mine = decodeFrame(session.seal(header, content).frame);
  const theirs = decodeFrame(other.seal(header, content).frame);
  assert.throws(
    () => worker.open(decodeFrame(joinFrame(theirs.head, mine.body))),
    coded('message-malformed'),
  );
});

test('the reply header is checked before and under the seal', async () => {
  const { session, worker } = await sessionParties();
  const header = routing();
  const sealed = session.seal(header, content);
  const opened = worker.open(decodeFrame(sealed.frame));
  const { body } = decodeFrame(opened.sealReply(done(header.requestId)));
  const renamed = encodeFrame(
    frameKind.sessionReply,
    canonicalText({ v: 1, requestId: routing().requestId }),
    body,
  );
  assert.throws(() => sealed.openReply(renamed), coded('reply-invalid'));
  const inner = opened.sealReply(done(routing().requestId));
  assert.throws(() => sealed.openReply(inner), coded('reply-invalid'));
});

test('a session ends at its time, whether the worker remembers it or not', async () => {
  const { session, worker, newWorker, clock } = await sessionParties();
  worker.open(decodeFrame(session.seal(routing(), content).frame));
  clock.ms = session.expiresAtMs;
  for (const each of [worker, newWorker()]) {
    const { frame } = session.seal(routing(), content);
    assert.throws(() => each.open(decodeFrame(frame)), coded('session-ended'));
    assert.equal(each.size, 0);
  }
});

test('a session message shows no proof and opens no session', async () => {
  const { session, worker } = await sessionParties();
  const sneaky = { ...opening };
  const { frame } = session.seal(routing(), sneaky);
  const { message } = worker.open(decodeFrame(frame));
  assert.ok(!('proof' in message) && !('openSession' in message));
});

test('a refusal in the place of a reply is told as what it is', async () => {
  const { session } = await sessionParties();
  const sealed = session.seal(routing(), content);
  const ended = encodeRefusal(new StrongroomError('session-ended'));
  assert.throws(() => sealed.openReply(ended), coded('session-ended'));
  const lie = encodeRefusal(new StrongroomError('absent'));
  assert.throws(() => sealed.openReply(lie), coded('reply-invalid'));
});

test('any bytes are refused with a code, by worker and caller', async () => {
  const { session, worker } = await sessionParties();
  const sealed = session.seal(routing(), content);
  const { header } = decodeFrame(sealed.frame);
  const near = fc
    .uint8Array({ maxLength: 64 })
    .map((body) => encodeFrame(frameKind.sessionRequest, Buffer.from(header).toString(), body));
  const mangled = fc
    .json()
    .map((text) => encodeFrame(frameKind.sessionRequest, text.slice(0, 500), new Uint8Array()));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), near, mangled), (bytes) => {
      assert.throws(() => worker.open(decodeFrame(bytes)), refused);
      assert.throws(() => sealed.openReply(bytes), coded('reply-invalid'));
    }),
  );
});

test('a session does not show its keys', async () => {
  const { session, worker } = await sessionParties();
  worker.open(decodeFrame(session.seal(routing(), content).frame));
  const shown = inspect([session, worker], { depth: 9, showHidden: true });
  assert.ok(!/[0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2}/.test(shown), shown);
  assert.deepEqual(Object.keys(session), ['expiresAtMs']);
});
