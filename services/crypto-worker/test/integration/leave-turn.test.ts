import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { sql } from 'kysely';
import { takeLeaveTurn } from '../../src/outbound/postgres/leave-turn.ts';
import { RegistrySchema } from '../../testing/postgres-registries.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test('one worker of a pool leaves at a time, however many ask at once, and the next one when its turn is over', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { database } = await schema.worker();
  const ask = async (pool: string) => {
    const workers = Array.from({ length: 6 }, (_, index) => `worker-${index}`);
    const turns = await Promise.all(workers.map((worker) => takeLeaveTurn(database, pool, worker)));
    return turns.filter(Boolean).length;
  };
  assert.equal(await ask('default'), 1);
  assert.equal(await ask('default'), 0, 'while the turn lasts');
  assert.equal(await ask('other'), 1, 'pools do not wait for each other');
  await sql`UPDATE leave_turn SET ends_at = now() WHERE pool = 'default'`.execute(schema.attacker);
  assert.equal(await ask('default'), 1);
});
