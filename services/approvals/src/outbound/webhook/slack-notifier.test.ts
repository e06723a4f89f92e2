import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { makeSlackNotifier } from './slack-notifier.ts';

const secret = Buffer.from('signing-secret');
const message = { id: 'n1', title: 'Approval wanted: a <b> & c', lines: ['one', '<two>'] };

async function receiver(
  answer: (request: IncomingMessage, body: string) => { status: number; location?: string },
) {
  const seen: { headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push({ headers: request.headers, body });
      const { status, location } = answer(request, body);
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const notifier = makeSlackNotifier({
    url,
    withSecret: (use) => use(secret),
    nowSeconds: () => 1_700_000_000,
  });
  const close = async () => {
    await notifier.close();
    server.close();
    server.closeAllConnections();
  };
  return { notifier, seen, close, server };
}

test('the body is signed as Slack signs, over the raw bytes', async () => {
  const { notifier, seen, close } = await receiver(() => ({ status: 200 }));
  assert.equal(await notifier.deliver(message), true);
  const [received] = seen;
  assert.ok(received);
  const expected = createHmac('sha256', secret).update(`v0:1700000000:${received.body}`).digest('hex');
  assert.equal(received.headers['x-slack-signature'], `v0=${expected}`);
  assert.equal(received.headers['x-slack-request-timestamp'], '1700000000');
  assert.match(received.body, /a &lt;b&gt; &amp; c/);
  await close();
});

test('an error, a redirect and silence are worth another try, and no redirect is followed', async () => {
  for (const status of [500, 404, 302]) {
    const { notifier, seen, close } = await receiver(() =>
      status === 302 ? { status, location: '/elsewhere' } : { status },
    );
    assert.equal(await notifier.deliver(message), false, String(status));
    assert.equal(seen.length, 1);
    await close();
  }
  const gone = await receiver(() => ({ status: 200 }));
  gone.server.close();
  gone.server.closeAllConnections();
  assert.equal(await gone.notifier.deliver(message), false);
  await gone.close();
});
