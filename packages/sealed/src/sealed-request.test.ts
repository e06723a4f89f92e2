import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes, canonicalText } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import {
  claims,
  coded,
  content,
  done,
  epoch,
  flipBit,
  opening,
  routing,
  sealingPair,
} from '../test/parties.ts';
import { decodeFrame, encodeFrame, frameBytesMax, frameHead, frameKind, joinFrame } from './frame.ts';
import { encapsulateRequest } from './oblivious.ts';
import { openRequest } from './open-request.ts';
import { encodeRefusal } from './refusal.ts';
import { readRoutingHeader } from './request-header.ts';
import { sealRequest } from './sealed-request.ts';
import { importPublicKey, sealedProtocol } from './sealing-key.ts';

const refused = coded('message-malformed', 'message-too-large', 'sealing-key-unknown');

async function parties() {
  const { key, privateKey } = await sealingPair();
  const open = async (bytes: Uint8Array) =>
    openRequest(decodeFrame(bytes), (of) => (of === epoch ? privateKey : undefined));
  const header = routing();
  const seal = (message: typeof content | typeof opening = content) =>
    sealRequest({ key, routing: header, message });
  return { key, privateKey, open, header, seal };
}

test('a worker opens what was sealed to it, and the caller what it answers', async () => {
  const { open, header, seal } = await parties();
  const sealed = await seal();
  const opened = await open(sealed.frame);
  assert.deepEqual(opened.routing, header);
  assert.deepEqual(opened.message, { routing: header, ...content });
  assert.equal(opened.sessionSecret, undefined);
  const reply = done(header.requestId);
  assert.deepEqual(await sealed.openReply(opened.sealReply(reply)), reply);
});

test('a carrier reads the routing header and nothing else', async () => {
  const { header, seal } = await parties();
  const { frame } = await seal(opening);
  assert.deepEqual(readRoutingHeader(frame), header);
  const text = Buffer.from(frame).toString('latin1');
  for (const hidden of [content.operation, 'c2VlZA', opening.proof.key, claims.principal]) {
    assert.ok(!text.includes(hidden));
  }
});

test('both sides derive the same session secret, and nobody without the exchange', async () => {
  const { open, seal } = await parties();
  const [sealed, other] = [await seal(opening), await seal(opening)];
  const { sessionSecret } = await open(sealed.frame);
  const [worker, caller, stranger] = [
    sessionSecret,
    await sealed.sessionSecret(),
    await other.sessionSecret(),
  ].map((secret) => secret?.use((bytes) => Buffer.from(bytes).toString('hex')));
  assert.equal(worker?.length, 64);
  assert.equal(worker, caller);
  assert.notEqual(worker, stranger);
});

test('an epoch that is over, or a key that is not the one of its epoch, is named as the reason', async () => {
  const { key, seal } = await parties();
  const { frame } = await seal();
  await assert.rejects(
    openRequest(decodeFrame(frame), () => undefined),
    coded('sealing-key-unknown'),
  );
  const stranger = await sealingPair();
  await assert.rejects(
    openRequest(decodeFrame(frame), () => stranger.privateKey),
    coded('sealing-key-unknown'),
  );
  assert.equal(key.keyId, epoch);
});

test('flipped bits of request and reply are refused', async () => {
  const { open, header, seal } = await parties();
  const sealed = await seal();
  const answer = (await open(sealed.frame)).sealReply(done(header.requestId));
  const bit = (bytes: Uint8Array) => fc.nat({ max: bytes.length * 8 - 1 });
  await fc.assert(
    fc.asyncProperty(bit(sealed.frame), bit(answer), async (inRequest, inReply) => {
      await assert.rejects(open(flipBit(sealed.frame, inRequest)), refused);
      await assert.rejects(sealed.openReply(flipBit(answer, inReply)), coded('reply-invalid'));
    }),
    { numRuns: 60 },
  );
});

test('the head is bound to the body, even where the inner header says the same', async () => {
  const { privateKey, seal } = await parties();
  const { body, header } = decodeFrame((await seal()).frame);
  // Epochs 256 apart have one key id, and nothing inside repeats the epoch: only the associated data can tell.
  const moved = Buffer.from(header)
    .toString()
    .replace(`"epoch":${epoch}`, `"epoch":${epoch + 256}`);
  assert.ok(moved.includes('263'));
  await assert.rejects(
    openRequest(decodeFrame(encodeFrame(frameKind.hpkeRequest, moved, body)), () => privateKey),
    coded('sealing-key-unknown'),
  );
  const same = Buffer.from(header).toString();
  await openRequest(decodeFrame(encodeFrame(frameKind.hpkeRequest, same, body)), () => privateKey);
});

test('a caller that seals two different headers is refused', async () => {
  const { key, privateKey, header } = await parties();
  const craft = async (inner: object) => {
    const head = frameHead(frameKind.hpkeRequest, canonicalText({ ...header, sealedTo: { epoch } }));
    const plaintext = canonicalBytes(inner as CanonicalValue);
    const publicKey = await importPublicKey(key.publicKey);
    const { encapsulated } = await encapsulateRequest(sealedProtocol, key.keyId, publicKey, plaintext, head);
    return openRequest(decodeFrame(joinFrame(head, encapsulated)), () => privateKey);
  };
  const good = { routing: header, ...content };
  for (const offender of [
    { ...good, routing: { ...header, class: 'manage' } },
    { ...good, routing: routing() },
    { ...good, more: true },
    content,
  ]) {
    await assert.rejects(craft(offender), coded('message-malformed'));
  }
  assert.deepEqual((await craft(good)).message, good);
});

test('a reply fits one request', async () => {
  const { open, header, seal } = await parties();
  const [first, second] = [await seal(), await seal()];
  const answer = (await open(first.frame)).sealReply(done(header.requestId));
  await assert.rejects(second.openReply(answer), coded('reply-invalid'));
  await assert.rejects(
    first.openReply((await open(first.frame)).sealReply(done(routing().requestId))),
    coded('reply-invalid'),
  );
  await first.openReply(answer);
});

test('a replayed request that is answered twice gives two replies without a common key', async () => {
  const { open, header, seal } = await parties();
  const sealed = await seal();
  const [one, two] = await Promise.all(
    [1, 2].map(async () => (await open(sealed.frame)).sealReply(done(header.requestId))),
  );
  assert.ok(one && two);
  assert.notDeepEqual(decodeFrame(one).body.subarray(0, 32), decodeFrame(two).body.subarray(0, 32));
  assert.notDeepEqual(decodeFrame(one).body.subarray(32), decodeFrame(two).body.subarray(32));
  assert.deepEqual(await sealed.openReply(one), await sealed.openReply(two));
});

test('an encapsulated key of small order is refused', async () => {
  const { open, seal } = await parties();
  const { frame } = await seal();
  const encStart = decodeFrame(frame).head.length + 7;
  for (const octet of [0, 1]) {
    const forged = Uint8Array.from(frame).fill(0, encStart, encStart + 32);
    forged[encStart] = octet;
    await assert.rejects(open(forged), coded('sealing-key-unknown'));
  }
});

test('any bytes are refused with a code, by worker and caller', async () => {
  const { open, header, seal } = await parties();
  const sealed = await seal();
  const text = Buffer.from(decodeFrame(sealed.frame).header).toString();
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.uint8Array({ maxLength: 200 }).map((body) => encodeFrame(frameKind.hpkeRequest, text, body)),
    fc.json().map((any) => encodeFrame(frameKind.hpkeRequest, any.slice(0, 500), new Uint8Array())),
    fc
      .uint8Array()
      .map((body) =>
        encodeFrame(frameKind.hpkeReply, canonicalText({ requestId: header.requestId, v: 1 }), body),
      ),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (any) => {
      await assert.rejects(open(any), refused);
      await assert.rejects(sealed.openReply(any), coded('reply-invalid'));
    }),
  );
});

test('parameters without a canonical form, and messages beyond the bound, are refused before they are sealed', async () => {
  const { key, header } = await parties();
  const seal = (params: Record<string, unknown>) =>
    sealRequest({ key, routing: header, message: { operation: 'key.list', params } });
  await assert.rejects(seal({ value: null }), coded('request-invalid'));
  await assert.rejects(seal({ value: 1.5 }), coded('request-invalid'));
  await assert.rejects(seal({ value: 'x'.repeat(frameBytesMax) }), coded('message-too-large'));
});

test('a refusal in the place of a reply is told as what it is', async () => {
  const { seal } = await parties();
  const sealed = await seal();
  const answer = encodeRefusal(new StrongroomError('sealing-key-unknown'));
  await assert.rejects(sealed.openReply(answer), coded('sealing-key-unknown'));
});
