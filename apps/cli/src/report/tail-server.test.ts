/** The tail as server-sent events: who may read it, and how a reader goes on. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { IndexedEntry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { makeTestExport } from '../../testing/test-export.ts';
import { TailServer } from './tail-server.ts';

const token = 't'.repeat(43);
const all: readonly IndexedEntry[] = makeTestExport().entries.map(({ index, entry }) => ({ index, entry }));

async function serving(tail: ConstructorParameters<typeof TailServer>[0]['tail'], first = 20) {
  const server = new TailServer({ token, first, tail });
  const port = await server.listen(0);
  const get = (headers: Record<string, string> = {}, path = '/') =>
    new Promise<{ status: number; read: () => Promise<string>; leave: () => void }>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, headers }, (response) =>
        resolve({
          status: response.statusCode ?? 0,
          read: () => text(response),
          leave: () => asked.destroy(),
        }),
      );
      asked.once('error', reject).end();
    });
  return { server, port, get };
}

async function* upToTheEnd(first: number): AsyncGenerator<IndexedEntry> {
  yield* all.slice(first);
}
const authorised = { authorization: `Bearer ${token}` };
const idsOf = (events: string) => [...events.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test('a reader gets entries as events, and goes on behind the last that it has', async () => {
  const { server, get } = await serving(upToTheEnd);
  try {
    const events = await (await get(authorised)).read();
    assert.deepEqual(idsOf(events), [20, 21, 22]);
    const [, data = ''] = /^event: entry\ndata: (.*)$/m.exec(events) ?? [];
    assert.deepEqual(JSON.parse(data), all[20]);
    const again = await get({ ...authorised, 'last-event-id': '17' });
    assert.deepEqual(idsOf(await again.read()), [18, 19, 20, 21, 22]);
    const nonsense = await get({ ...authorised, 'last-event-id': '-1' });
    assert.deepEqual(idsOf(await nonsense.read()), [20, 21, 22]);
    const byQuery = await get({}, `/?token=${token}`);
    assert.equal(byQuery.status, 200, 'a browser can send no header with it');
    await byQuery.read();
  } finally {
    await server.close();
  }
});

test('without the token, under another name, or elsewhere there is nothing', async () => {
  const { server, get, port } = await serving(upToTheEnd);
  try {
    const statusOf = async (headers: Record<string, string>, path?: string) =>
      (await get(headers, path)).status;
    assert.equal(await statusOf({}), 401);
    assert.equal(await statusOf({ authorization: `Bearer ${token.slice(1)}x` }), 401);
    assert.equal(await statusOf({ ...authorised, host: `evil.example:${port}` }), 421);
    assert.equal(await statusOf(authorised, '/entries'), 404);
  } finally {
    await server.close();
  }
});

test('what ends the tail is told, without an id that would move the reader', async () => {
  const { server, get } = await serving(async function* (first) {
    yield* all.slice(first, first + 1);
    throw new StrongroomError('record-tampered', { detail: 'entries are missing' });
  });
  try {
    const events = await (await get(authorised)).read();
    assert.deepEqual(idsOf(events), [20]);
    assert.match(events, /event: failed\ndata: {"code":"record-tampered"/);
  } finally {
    await server.close();
  }
});

test('a reader that leaves ends its questions', async () => {
  const { promise: hasLeft, resolve: left } = Promise.withResolvers<void>();
  const { server, get } = await serving(async function* (first, signal) {
    yield* all.slice(first);
    signal.addEventListener('abort', () => left(), { once: true });
    await hasLeft;
  });
  (await get(authorised)).leave();
  await hasLeft;
  await server.close();
});

test('only so many read at once, and none when it closes', async () => {
  const ended: AbortSignal[] = [];
  const { server, get } = await serving(async function* (first, signal) {
    yield* all.slice(first);
    ended.push(signal);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  });
  const open = await Promise.all(Array.from({ length: 4 }, () => get(authorised)));
  assert.deepEqual(
    open.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  assert.equal((await get(authorised)).status, 503);
  const reading = open.map(({ read }) => read().catch(() => 'cut'));
  await server.close();
  await Promise.all(reading);
  assert.ok(ended.every(({ aborted }) => aborted));
});
