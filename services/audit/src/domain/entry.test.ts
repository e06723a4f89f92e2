import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes } from '@strongroom/canonical';
import { checkers } from '@strongroom/contracts';
import { bodyOf } from '../../testing/test-deployment.ts';
import { bodyBytesMax, isLeafOf, isTooLarge, leafData, placementOf, prepareBody } from './entry.ts';

const placement = { at: '2030-01-01T00:00:00.000Z', actorSeq: 1, objectSeqs: [1] };

test('a leaf is the canonical bytes of the entry', () => {
  const body = bodyOf({ request: { comment: 'ünï "quoted" \u2028' } });
  const leaf = leafData(prepareBody(body), placement);
  assert.deepEqual(
    Buffer.from(leaf),
    Buffer.from(canonicalBytes({ body, placement } as unknown as CanonicalValue)),
  );
  assert.deepEqual(placementOf(leaf), placement);
});

test('a leaf is that of one body alone', () => {
  const [one, other] = [prepareBody(bodyOf()), prepareBody(bodyOf())];
  const leaf = leafData(one, placement);
  assert.ok(isLeafOf(leaf, one));
  assert.ok(!isLeafOf(leaf, other));
  assert.ok(!isLeafOf(leaf.subarray(0, 20), one));
});

test('a body of the largest size makes a leaf of at most 65,535 bytes, a larger one is refused', () => {
  const objects = Array.from({ length: 64 }, (_, at) => ({ kind: 'key', group: 'default', name: `k${at}` }));
  const pads = (length: number) =>
    Object.fromEntries(
      Array.from({ length: 4 }, (_, at) => ['abcd'[at] as string, 'x'.repeat(Math.ceil((length - at) / 4))]),
    );
  const empty = Buffer.byteLength(prepareBody(bodyOf({ objects, request: pads(0) })).text);
  const fitting = prepareBody(bodyOf({ objects, request: pads(bodyBytesMax - empty - 40) }));
  assert.equal(isTooLarge(fitting), false);
  const worst = { at: placement.at, actorSeq: 2 ** 31 - 1, objectSeqs: objects.map(() => 2 ** 31 - 1) };
  assert.ok(leafData(fitting, worst).length - fitting.text.length < 65_535 - bodyBytesMax);
  const large = prepareBody(bodyOf({ objects, request: pads(bodyBytesMax) }));
  assert.ok(checkers.entryBody.check(large.body));
  assert.ok(isTooLarge(large));
});
