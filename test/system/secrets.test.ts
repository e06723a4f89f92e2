/** Secrets on the whole stack: SoftHSM, PostgreSQL, NATS and the gateway between client and worker. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { codeOf, done, startDeployment } from '../security/kit/deployment.ts';

const group = 'vault';
const small = (text: string) => encodeBytes(Buffer.from(text));

test('secrets live on the whole stack from generation to destruction, while the KEK of their group rotates', async (context) => {
  const { operator, log } = await startDeployment(context);
  await done(operator, 'group.create', { group });

  await context.test('the largest value goes in and comes back', async () => {
    const value = encodeBytes(randomBytes(1_048_576));
    const large = { group, name: 'large' };
    await done(operator, 'secret.write', { ...large, kind: 'opaque', value });
    assert.equal((await done(operator, 'secret.read', large)).value, value);
    const many = await done(operator, 'secret.read-many', { secrets: [large, large] });
    assert.deepEqual(
      many.secrets.map((item) => (item.status === 'done' ? 'done' : item.code)),
      ['done', 'message-too-large'],
    );
  });

  await context.test('a generated value is read and destroyed, and retention takes the oldest', async () => {
    const named = { group, name: 'generated' };
    const recipe = { recipe: 'token', bytes: 32 } as const;
    await done(operator, 'secret.update', { ...named, kind: 'api-key', versionsMax: 2 });
    for (let version = 1; version <= 3; version += 1)
      await done(operator, 'secret.generate', {
        ...named,
        kind: 'api-key',
        recipe,
        expectedVersion: version - 1,
      });
    const read = (version: number) => codeOf(done(operator, 'secret.read', { ...named, version }));
    assert.deepEqual([await read(1), await read(2), await read(4)], ['secret-destroyed', 'done', 'absent']);
    await done(operator, 'secret.delete', named);
    assert.equal(await read(3), 'secret-deleted');
    await done(operator, 'secret.undelete', named);
    await done(operator, 'secret.destroy', { ...named, versions: [3] });
    assert.deepEqual([await read(2), await read(3)], ['done', 'secret-destroyed']);
  });

  await context.test('writers go on while all values are encrypted anew', async () => {
    for (let at = 0; at < 60; at += 1)
      await done(operator, 'secret.write', {
        group,
        name: `s-${at}`,
        kind: 'text',
        value: small(`value ${at}`),
      });
    const { kekVersion, reencryption } = await done(operator, 'group.rotate', { group });
    assert.deepEqual([kekVersion, reencryption?.state, reencryption?.total], [2, 'running', 62]);
    let writes = 0;
    for (;;) {
      await done(operator, 'secret.write', {
        group,
        name: 's-0',
        kind: 'text',
        value: small(`newer ${writes}`),
      });
      writes += 1;
      const shown = await done(operator, 'group.describe', { group });
      // All but perhaps the first version of what is written meanwhile, which retention may destroy before it is its turn.
      if ((shown.reencryption?.reencrypted ?? 0) >= 61) break;
      assert.ok(writes < 2_000, `${shown.reencryption?.reencrypted} after ${writes} writes`);
    }
    assert.equal((await done(operator, 'secret.read', { group, name: 's-59' })).value, small('value 59'));
    assert.equal(
      (await done(operator, 'secret.read', { group, name: 's-0' })).value,
      small(`newer ${writes - 1}`),
    );
    const steps = await log({ operation: 'platform.group.reencrypt', outcome: 'done' });
    assert.ok(steps.length >= 2);
    assert.ok(steps.every(({ actor }) => actor.id === 'system'));
  });
});
