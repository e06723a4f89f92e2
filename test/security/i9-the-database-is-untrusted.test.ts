import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import pg from 'pg';
import { codeOf, done, group, startDeployment, wrap } from './kit/deployment.ts';

const workers = ['crypto-worker-1', 'crypto-worker-2'] as const;
const value = (text: string) => encodeBytes(Buffer.from(text));

test('I9: rows that are edited, swapped, hidden or restored are refused, and others are not affected', async (context) => {
  const { stack, app, operator } = await startDeployment(context);
  const database = new pg.Client({ connectionString: stack.info.postgresUrl });
  await database.connect();
  const run = (text: string, values: unknown[] = []) => database.query<Record<string, unknown>>(text, values);
  for (const name of ['edited', 'left', 'right', 'restored', 'intact']) {
    await done(operator, 'secret.write', { group, name, kind: 'opaque', value: value(`${name} 1`) });
  }
  const read = (name: string) => codeOf(done(app, 'secret.read', { group, name }));
  // A worker that has a verified record in memory is right to go on with it; a fresh one has to look.
  const fresh = async () => {
    for (const worker of workers) await stack.restart(worker);
  };
  const secretOf = (name: string) => [`secret-version`, `${group}/${name}/1`];
  const intact = async () => assert.equal(await read('intact'), 'done');

  await context.test('an edited row', async () => {
    const { rowCount } = await run(
      'UPDATE registry.record SET value = set_byte(value, 20, get_byte(value, 20) # 1) WHERE kind = $1 AND id = $2',
      secretOf('edited'),
    );
    assert.equal(rowCount, 1);
    await fresh();
    assert.equal(await read('edited'), 'record-tampered');
    await intact();
  });

  await context.test('two rows with their contents swapped', async () => {
    await run(
      `UPDATE registry.record AS a SET value = b.value, mac = b.mac, version = b.version FROM registry.record AS b
       WHERE a.kind = 'secret-version' AND b.kind = a.kind
         AND ((a.id, b.id) = ($1, $2) OR (a.id, b.id) = ($2, $1))`,
      [`${group}/left/1`, `${group}/right/1`],
    );
    await fresh();
    assert.equal(await read('left'), 'record-tampered');
    assert.equal(await read('right'), 'record-tampered');
    await intact();
  });

  await context.test('a row restored from an older dump', async () => {
    const { rows } = await run(
      `SELECT value, mac, version FROM registry.record WHERE kind = 'secret' AND id = $1`,
      [`${group}/restored`],
    );
    const [old] = rows;
    await done(operator, 'secret.write', {
      group,
      name: 'restored',
      kind: 'opaque',
      value: value('restored 2'),
    });
    await run(
      `UPDATE registry.record SET value = $1, mac = $2, version = $3 WHERE kind = 'secret' AND id = $4`,
      [old?.['value'], old?.['mac'], old?.['version'], `${group}/restored`],
    );
    await fresh();
    assert.equal(await read('restored'), 'record-tampered');
    await intact();
  });

  await context.test('a hidden row: a deny that was taken away', async () => {
    const scope = { kind: 'group' as const, group };
    await done(operator, 'binding.create', {
      name: 'stop',
      principal: 'app:shop',
      role: 'kms-provider',
      scope,
      effect: 'deny',
    });
    await assert.rejects(wrap(app), /./);
    await run(`DELETE FROM registry.record WHERE kind = 'grants' AND id = 'app:shop'`);
    await fresh();
    assert.equal(await codeOf(wrap(app)), 'record-tampered');
    assert.equal(await codeOf(done(operator, 'key.list', { group, limit: 1 })), 'done');
  });
  await database.end();
});

test('I9: a whole database restored from an older dump is refused, with the reason', async (context) => {
  const { stack, operator } = await startDeployment(context);
  const database = new pg.Client({ connectionString: stack.info.postgresUrl });
  await database.connect();
  const tables = ['record', 'bucket', 'head'];
  for (const table of tables)
    await database.query(`CREATE TABLE public.old_${table} AS TABLE registry.${table}`);
  await done(operator, 'key.create', { group, name: 'newer', purpose: 'kek' });
  // The anchor is written at most once a second.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  for (const worker of workers) await stack.kill(worker);
  for (const table of tables) {
    await database.query(`TRUNCATE registry.${table} CASCADE`);
    await database.query(`INSERT INTO registry.${table} SELECT * FROM public.old_${table}`);
  }
  await database.end();
  const started = await Promise.allSettled(workers.map((worker) => stack.restart(worker)));
  assert.ok(
    started.every(({ status }) => status === 'rejected'),
    'no worker serves an older registry',
  );
  assert.notEqual(
    await codeOf(done(operator, 'key.list', { group, limit: 1 }, { deadlineMs: 2_000 })),
    'done',
  );
});
