import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { StrongroomClient } from '@strongroom/client';
import type { SecretReadManyRequest } from '@strongroom/contracts';
import { makeSealedSecrets } from './sealed-secrets.ts';

const itemsOf = (...names: readonly string[]) =>
  names.map((name) => ({ group: 'default', name, path: name }));

/** Answers so many secrets a reply, and refuses what it is told to. */
function clientOf(room: number, refusals: Readonly<Record<string, string>> = {}) {
  const asked: string[][] = [];
  const call = async (_operation: string, { secrets }: SecretReadManyRequest) => {
    asked.push(secrets.map(({ name }) => name));
    const items = secrets.map(({ group, name }, at) => {
      const code = refusals[name] ?? (at < room ? undefined : 'message-too-large');
      if (code !== undefined) return { status: 'refused', group, name, code };
      const value = encodeBytes(Buffer.from(name));
      return { status: 'done', secret: { group, name, kind: 'opaque', version: 1, value } };
    });
    return { status: 'done', result: { secrets: items } };
  };
  return { asked, client: { call } as unknown as Pick<StrongroomClient, 'call'> };
}

test('what one reply has no room for is asked for again, and everything comes in the order it was wanted', async () => {
  const { asked, client } = clientOf(2);
  const fetched = await makeSealedSecrets(client).fetch(itemsOf('a', 'b', 'c', 'd', 'e'));
  assert.deepEqual(
    fetched.map(({ item, value }) => [item.name, Buffer.from(value).toString()]),
    ['a', 'b', 'c', 'd', 'e'].map((name) => [name, name]),
  );
  assert.deepEqual(asked, [['a', 'b', 'c', 'd', 'e'], ['c', 'd', 'e'], ['e']]);
});

test('a reply without anything is not asked for without end, and a refusal names its secret', async () => {
  await assert.rejects(makeSealedSecrets(clientOf(0).client).fetch(itemsOf('a', 'b')), {
    code: 'message-too-large',
  });
  const { client } = clientOf(9, { b: 'secret-expired' });
  await assert.rejects(makeSealedSecrets(client).fetch(itemsOf('a', 'b')), {
    code: 'secret-expired',
    detail: 'default/b',
  });
});
