import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { makeAnchorRegistry } from './anchor-registry.ts';
import { anchorLabels, makeHsmAnchor } from './hsm-anchor.ts';

const bytes = (octet: number) => new Uint8Array(32).fill(octet);
const head = (sequence: number, octet = sequence) => ({ sequence, hash: bytes(octet) });
const checkpoint = (size: number, octet = size) => ({ size, root: bytes(octet) });
const code = (expected: string) => (error: unknown) => isStrongroomError(error) && error.code === expected;

class DataObjects {
  readonly values = new Map<string, Uint8Array>();
  writes = 0;
  /** What is left of the object when the token fails in the middle of the next write. */
  tearNextTo: number | undefined;

  async readData(label: string): Promise<Uint8Array | undefined> {
    return this.values.get(label);
  }

  async writeData(label: string, value: Uint8Array): Promise<void> {
    this.writes += 1;
    const torn = this.tearNextTo;
    this.tearNextTo = undefined;
    this.values.set(label, value.slice(0, torn));
    if (torn !== undefined) throw new StrongroomError('outcome-unknown');
  }
}

test('it is empty at first and remembers each part by itself', async () => {
  const hsm = new DataObjects();
  const anchor = makeHsmAnchor({ hsm });
  assert.deepEqual(await anchor.read(), {
    registry: undefined,
    checkpoint: undefined,
    receiptKey: undefined,
  });
  await anchor.advance({ registry: head(4) });
  await anchor.advance({ checkpoint: checkpoint(10) });
  await anchor.advance({ registry: head(5) });
  await anchor.advance({ receiptKey: { epoch: 2, publicKey: 'k' } });
  const receiptKey = { epoch: 2, publicKey: 'k' };
  const expected = { registry: head(5), checkpoint: checkpoint(10), receiptKey };
  assert.deepEqual(await anchor.read(), expected);
  assert.deepEqual(await makeHsmAnchor({ hsm }).read(), expected);
});

test('it never goes back and never sideways', async () => {
  const anchor = makeHsmAnchor({ hsm: new DataObjects() });
  const receiptKey = { epoch: 2, publicKey: 'k' };
  await anchor.advance({ registry: head(4), checkpoint: checkpoint(10), receiptKey });
  for (const older of [
    { epoch: 1, publicKey: 'k' },
    { epoch: 2, publicKey: 'other' },
  ])
    await assert.rejects(anchor.advance({ receiptKey: older }), code('version-conflict'));
  await assert.rejects(anchor.advance({ registry: head(3) }), code('registry-rolled-back'));
  await assert.rejects(anchor.advance({ registry: head(4, 9) }), code('registry-rolled-back'));
  await assert.rejects(anchor.advance({ checkpoint: checkpoint(9) }), code('version-conflict'));
  await assert.rejects(anchor.advance({ checkpoint: checkpoint(10, 1) }), code('version-conflict'));
  assert.deepEqual(await anchor.read(), { registry: head(4), checkpoint: checkpoint(10), receiptKey });
});

test('the same state again is no write', async () => {
  const hsm = new DataObjects();
  const anchor = makeHsmAnchor({ hsm });
  await anchor.advance({ registry: head(4) });
  await anchor.advance({ registry: head(4) });
  assert.equal(hsm.writes, 1);
});

test('a write that tears leaves the state before, and is repeated', async () => {
  for (const left of [0, 1, 40]) {
    const hsm = new DataObjects();
    const anchor = makeHsmAnchor({ hsm });
    await anchor.advance({ registry: head(1) });
    await anchor.advance({ registry: head(2) });
    hsm.tearNextTo = left;
    await assert.rejects(anchor.advance({ registry: head(3) }), code('outcome-unknown'));
    assert.deepEqual((await makeHsmAnchor({ hsm }).read()).registry, head(2));
    await anchor.advance({ registry: head(3) });
    assert.deepEqual((await anchor.read()).registry, head(3));
  }
});

test('an anchor that can not be read is no first start', async () => {
  const hsm = new DataObjects();
  const anchor = makeHsmAnchor({ hsm });
  await anchor.advance({ registry: head(1) });
  await anchor.advance({ registry: head(2) });
  for (const label of anchorLabels) hsm.values.set(label, new Uint8Array([1]));
  await assert.rejects(anchor.read(), code('registry-rolled-back'));
  hsm.values.delete(anchorLabels[1]);
  await assert.rejects(anchor.read(), code('registry-rolled-back'));
});

test('a first write that tears leaves nothing anchored', async () => {
  const hsm = new DataObjects();
  hsm.tearNextTo = 3;
  const anchor = makeHsmAnchor({ hsm });
  await assert.rejects(anchor.advance({ registry: head(1) }), code('outcome-unknown'));
  assert.equal((await anchor.read()).registry, undefined);
  await anchor.advance({ registry: head(1) });
  assert.deepEqual((await anchor.read()).registry, head(1));
});

test('writes that overlap go one after the other', async () => {
  const anchor = makeHsmAnchor({ hsm: new DataObjects() });
  const results = await Promise.allSettled([
    anchor.advance({ registry: head(2) }),
    anchor.advance({ registry: head(1) }),
    anchor.advance({ checkpoint: checkpoint(7) }),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await anchor.read(), {
    registry: head(2),
    checkpoint: checkpoint(7),
    receiptKey: undefined,
  });
});

test('the registry is anchored when it moved, and again after a failure', async () => {
  const hsm = new DataObjects();
  let now = head(0);
  const anchorRegistry = makeAnchorRegistry({
    registry: { head: () => now },
    anchor: makeHsmAnchor({ hsm }),
  });
  await anchorRegistry();
  assert.equal(hsm.writes, 0);
  now = head(3);
  hsm.tearNextTo = 0;
  await assert.rejects(anchorRegistry(), code('outcome-unknown'));
  await anchorRegistry();
  await anchorRegistry();
  assert.equal(hsm.writes, 2);
});
