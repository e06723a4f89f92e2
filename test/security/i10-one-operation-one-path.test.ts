import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryBody } from '@strongroom/contracts';
import { codeOf, done, group, startDeployment } from './kit/deployment.ts';
import { runCli } from './kit/programs.ts';
import { openRest } from './kit/rest.ts';

/** What may differ: which request it was, when, by which worker it was carried out, and how the caller proved itself. */
function comparable({
  requestId: _id,
  at: _at,
  worker: _worker,
  requestHash: _hash,
  actor,
  ...body
}: EntryBody) {
  return { ...body, actor: { ...actor, id: 'caller', proof: 'proof' } };
}

/** Of keys that are alike but for the names they had to be given. */
function ofAnyName(entry: ReturnType<typeof comparable>, names: readonly string[]) {
  const text = JSON.stringify({ ...entry, reply: { ...entry.reply, id: 'id' } });
  return JSON.parse(names.reduce((left, name) => left.replaceAll(name, 'name'), text)) as unknown;
}

test('I10: REST, sealed and command line make the same operation and the same entry', async (context) => {
  const { stack, operator, connect, log } = await startDeployment(context);
  const rest = await openRest(stack.info, context);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { apiKey } = await done(operator, 'principal.enrol', {
    principal: 'app:three',
    credential: { kind: 'api-key', expiresAt },
  });
  await done(operator, 'binding.create', {
    name: 'three',
    principal: 'app:three',
    role: 'operator',
    scope: { kind: 'tenant' },
    effect: 'allow',
  });
  const sealed = await connect({ kind: 'api-key', key: apiKey ?? '' });
  const headers = { authorization: `Bearer ${apiKey}` };

  const compare = async (
    operation: string,
    ways: readonly (() => Promise<unknown>)[],
    names: readonly string[] = [],
  ) => {
    const entries: EntryBody[][] = [];
    for (const way of ways) {
      const before = (await log({ operation })).length;
      await way();
      const bodies = await log({ operation });
      entries.push(bodies.slice(0, bodies.length - before).toReversed());
    }
    const [first, ...others] = entries.map((bodies) =>
      bodies.map((body) => ofAnyName(comparable(body), names)),
    );
    assert.ok(first !== undefined && first.length > 0, `${operation} is in the log`);
    for (const other of others) assert.deepEqual(other, first, operation);
  };

  await compare('key.describe', [
    () => rest({ method: 'GET', path: `/v1/keys/${group}/kek`, headers }),
    () => done(sealed, 'key.describe', { group, name: 'kek' }),
    () => runCli(stack.profile, ['key', 'describe', 'kek']),
  ]);
  await compare('key.describe', [
    () => rest({ method: 'GET', path: `/v1/keys/${group}/none`, headers }),
    () => codeOf(done(sealed, 'key.describe', { group, name: 'none' })),
    () => runCli(stack.profile, ['key', 'describe', 'none']),
  ]);
  await compare('key.suspend', [
    async () => {
      await rest({ path: `/v1/keys/${group}/kek/suspend`, headers });
      await done(sealed, 'key.resume', { group, name: 'kek' });
    },
    async () => {
      await done(sealed, 'key.suspend', { group, name: 'kek' });
      await done(sealed, 'key.resume', { group, name: 'kek' });
    },
    async () => {
      await runCli(stack.profile, ['key', 'suspend', 'kek']);
      await runCli(stack.profile, ['key', 'resume', 'kek']);
    },
  ]);
  // Fields of the path and fields of the body become one operation object.
  const policy = 'two-of-three';
  const create = { group, purpose: 'kek', policy } as const;
  await compare(
    'key.create',
    [
      () =>
        rest({
          method: 'PUT',
          path: `/v1/keys/${group}/ten-rest`,
          headers,
          body: { purpose: 'kek', policy },
        }),
      () => done(sealed, 'key.create', { ...create, name: 'ten-sealed' }),
      () => runCli(stack.profile, ['key', 'create', 'ten-cli', '--purpose', 'kek', '--policy', policy]),
    ],
    ['ten-rest', 'ten-sealed', 'ten-cli'],
  );
  // What is refused for its form is refused on each path, and none of them mends it on the way.
  await compare('key.create', [
    () =>
      rest({
        method: 'PUT',
        path: `/v1/keys/${group}/ten`,
        headers,
        body: { purpose: 'kek', policy: 'no-such' },
      }),
    () => codeOf(done(sealed, 'key.create', { ...create, policy: 'no-such', name: 'ten' })),
    () => runCli(stack.profile, ['key', 'create', 'ten', '--purpose', 'kek', '--policy', 'no-such']),
  ]);
});
