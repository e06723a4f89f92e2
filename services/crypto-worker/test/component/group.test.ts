import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { recordName } from '../../src/domain/registry/record-name.ts';
import { policy } from '../../testing/deployment.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const group = 'payments';
const minuteMs = 60_000;
const nameOf = (at: number) => `s-${String(at).padStart(3, '0')}`;

async function filled(secrets: number) {
  const scene = await WorkerScene.set();
  await scene.ask('group.create', { group });
  const write = (at: number, text = `value ${at}`) =>
    scene.ask('secret.write', {
      group,
      name: nameOf(at),
      kind: 'text',
      value: encodeBytes(Buffer.from(text)),
    });
  for (let at = 0; at < secrets; at += 1) await write(at);
  const read = async (at: number) =>
    Buffer.from((await scene.ask('secret.read', { group, name: nameOf(at) })).value, 'base64url').toString();
  const { registry, clock } = scene.deployment;
  const stored = () => registry.list('secret-version', { prefix: `${group}/`, limit: 1_000 });
  const kek = async () => (await registry.read('group', group))?.value.kekLabel;
  const underOldKek = async () => {
    const label = await kek();
    return (await stored()).filter(({ value }) => value.kekLabel !== label).length;
  };
  const progress = async () => (await scene.ask('group.describe', { group })).reencryption;
  return { scene, write, read, stored, underOldKek, progress, clock };
}

test('a group is made, shown, listed and rotated; a grant for it reaches it and no other', async () => {
  const { scene } = await filled(1);
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'group.create', { group })), 'already-exists');
  const { groups } = await scene.ask('group.list', { limit: 10 });
  assert.deepEqual(
    groups.map((each) => [each.group, each.kekVersion]),
    [
      ['default', 1],
      [group, 1],
    ],
  );
  const shown = await scene.ask('group.describe', { group });
  assert.ok(!JSON.stringify(shown).includes('strongroom/key'), 'labels stay inside');
  const operator = await scene.machine('ops', 'operator', group);
  assert.equal(codeOf(await operator.call(scene.worker, 'group.rotate', { group })), 'done');
  assert.equal(codeOf(await operator.call(scene.worker, 'group.rotate', { group: 'default' })), 'denied');
  assert.equal(codeOf(await operator.call(scene.worker, 'group.list', { limit: 1 })), 'denied');
  await scene.ask('group.create', { group: 'guarded', policy });
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'group.rotate', { group: 'guarded' })), 'pending');
});

test('a rotation is over when every value is under the new KEK, each under a DEK of its own', async () => {
  const { scene, write, read, stored, underOldKek, progress, clock } = await filled(40);
  const before = new Map((await stored()).map(({ id, value }) => [id, value]));
  const rotated = await scene.ask('group.rotate', { group });
  assert.equal(rotated.kekVersion, 2);
  assert.deepEqual(
    { ...rotated.reencryption, startedAt: '' },
    { state: 'running', startedAt: '', reencrypted: 0, total: 40 },
  );
  assert.equal(await read(3), 'value 3', 'before anything is encrypted anew');
  await write(40);
  assert.equal(await underOldKek(), 40, 'what is written now is under the new one');
  const { reencryptGroups } = scene.worker.worker;
  await reencryptGroups();
  assert.equal(await underOldKek(), 0);
  for (const { id, value } of await stored()) {
    const old = before.get(id);
    assert.ok(
      old === undefined || (old.sealedValue !== value.sealedValue && old.wrappedDek !== value.wrappedDek),
    );
  }
  for (const at of [0, 17, 39, 40]) assert.equal(await read(at), `value ${at}`);
  assert.equal((await progress())?.state, 'running', 'a write from before the rotation may still come');
  clock.advance(2 * minuteMs);
  await reencryptGroups();
  await reencryptGroups();
  const done = await progress();
  assert.deepEqual([done?.state, done?.reencrypted, done?.total], ['finished', 40, 41]);
  assert.equal(scene.deployment.registry.events.at(-1)?.name, 'group.values.reencrypted');
  const entries = scene.deployment.auditLog.entries.length;
  await reencryptGroups();
  assert.equal(scene.deployment.auditLog.entries.length, entries, 'then there is nothing to do');
});

test('a write that began before the rotation and commits after it is not forgotten', async () => {
  const { scene, underOldKek, progress, stored, clock } = await filled(3);
  const [late] = await stored();
  await scene.ask('group.rotate', { group });
  const { reencryptGroups } = scene.worker.worker;
  await reencryptGroups();
  assert.ok(late !== undefined);
  // The write of another worker: it closed the value under the KEK that it knew.
  const current = await scene.deployment.registry.read('secret-version', late.id);
  await scene.deployment.registry.commit(
    [{ kind: 'secret-version', id: late.id, expectedVersion: current?.version ?? 0, value: late.value }],
    { actor: 'x', requestId: 'late', requestHash: 'x', reply: new Uint8Array() },
    [],
  );
  assert.equal(await underOldKek(), 1);
  await reencryptGroups();
  clock.advance(2 * minuteMs);
  for (let run = 0; run < 4; run += 1) await reencryptGroups();
  assert.equal(await underOldKek(), 0);
  assert.equal((await progress())?.state, 'finished');
});

test('writers and the walk do not wait for each other, and a value destroyed meanwhile stays so', async () => {
  const { scene, write, underOldKek, clock } = await filled(36);
  await scene.ask('group.rotate', { group });
  const walk = scene.worker.worker.reencryptGroups();
  const writes = Promise.all([0, 5, 35].map((at) => write(at, `newer ${at}`)));
  const gone = scene.ask('secret.destroy', { group, name: nameOf(20), versions: [1] });
  await Promise.all([walk, writes, gone]);
  clock.advance(2 * minuteMs);
  for (let run = 0; run < 5; run += 1) await scene.worker.worker.reencryptGroups();
  assert.equal(await underOldKek(), 0);
  const lost = await scene.alice.call(scene.worker, 'secret.read', { group, name: nameOf(20) });
  assert.equal(codeOf(lost), 'secret-destroyed');
});

test('an outage of the HSM stops the walk and nothing else; it goes on afterwards', async () => {
  const { scene, underOldKek, read } = await filled(5);
  await scene.ask('group.rotate', { group });
  scene.deployment.hsm.setAvailable(false);
  await scene.worker.worker.reencryptGroups();
  assert.ok(scene.worker.reports.some(({ event }) => event === 'reencryption-failed'));
  scene.deployment.hsm.setAvailable(true);
  assert.equal(await read(4), 'value 4');
  await scene.worker.worker.reencryptGroups();
  assert.equal(await underOldKek(), 0);
});

test('values that were tampered with stay as they are, are counted, and hold no other up', async () => {
  const { scene, stored, underOldKek, progress, clock } = await filled(40);
  const { registry } = scene.deployment;
  const [moved, target] = (await stored()).filter((_, at) => at === 4 || at === 7);
  assert.ok(moved !== undefined && target !== undefined);
  // As a database would that could also make MACs.
  await registry.commit(
    [{ kind: 'secret-version', id: target.id, expectedVersion: target.version, value: moved.value }],
    { actor: 'x', requestId: 'moved', requestHash: 'x', reply: new Uint8Array() },
    [],
  );
  await scene.ask('group.rotate', { group });
  const hidden = recordName('secret-version', `${group}/${nameOf(20)}/1`);
  registry.tampered.add(hidden);
  const { reencryptGroups } = scene.worker.worker;
  await reencryptGroups();
  clock.advance(2 * minuteMs);
  for (let run = 0; run < 3; run += 1) await reencryptGroups();
  const done = await progress();
  assert.deepEqual([done?.state, done?.reencrypted, done?.skipped], ['finished', 38, 2]);
  registry.tampered.delete(hidden);
  assert.equal(await underOldKek(), 2);
  assert.deepEqual(await registry.listIntents(), []);
});

test('former KEKs are destroyed once no value is under them, and not before', async () => {
  const { scene, stored, read, clock } = await filled(5);
  const { registry, hsm } = scene.deployment;
  const destroy = async () =>
    codeOf(await scene.alice.call(scene.worker, 'group.destroy-former-keks', { group }));
  assert.equal(await destroy(), 'absent', 'there is none');
  const [late] = await stored();
  await scene.ask('group.rotate', { group });
  const former = (await registry.read('group', group))?.value.formerKeks[0]?.label ?? '';
  assert.equal(await destroy(), 'key-in-use', 'the walk is under way');
  const { reencryptGroups } = scene.worker.worker;
  await reencryptGroups();
  assert.equal(await destroy(), 'key-in-use', 'a write from before the rotation may still come');
  clock.advance(2 * minuteMs);
  for (let run = 0; run < 3; run += 1) await reencryptGroups();
  assert.ok(late !== undefined);
  const put = async (value: typeof late.value, requestId: string) => {
    const expectedVersion = (await registry.read('secret-version', late.id))?.version ?? 0;
    const outcome = { actor: 'x', requestId, requestHash: 'x', reply: new Uint8Array() };
    await registry.commit([{ kind: 'secret-version', id: late.id, expectedVersion, value }], outcome, []);
  };
  const moved = (await registry.read('secret-version', late.id))?.value;
  await put(late.value, 'left');
  assert.equal(await destroy(), 'key-in-use', 'one value was left behind, whatever the walk says');
  assert.ok(moved !== undefined);
  await put(moved, 'moved');
  registry.tampered.add(recordName('secret-version', late.id));
  assert.equal(await destroy(), 'record-tampered');
  registry.tampered.clear();
  assert.equal(await hsm.hasKey(former), true);
  const done = await scene.ask('group.destroy-former-keks', { group });
  assert.deepEqual([done.kekVersion, done.formerKeks], [2, 0]);
  assert.equal(await hsm.hasKey(former), false);
  assert.equal(await read(0), 'value 0');
  assert.equal(registry.events.at(-1)?.name, 'group.kek.destroyed');
});
