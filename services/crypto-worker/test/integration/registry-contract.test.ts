import { after, before } from 'node:test';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { RegistrySchema, readOutbox } from '../../testing/postgres-registries.ts';
import { describeRegistry } from '../../testing/registry-contract.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

describeRegistry('registry on PostgreSQL', async (clock) => {
  const schema = await RegistrySchema.create(postgres);
  const { registry } = await schema.worker({
    clock: { monotonicMs: () => performance.now(), nowMs: () => clock.nowMs() },
  });
  return {
    registry,
    events: () => readOutbox(schema.attacker),
    [Symbol.asyncDispose]: () => schema[Symbol.asyncDispose](),
  };
});
