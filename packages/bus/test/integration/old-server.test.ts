import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { connectBus } from '../../src/index.ts';

test('a server below the floor is refused before anything is sent or taken', async () => {
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.write(
      'INFO {"server_id":"old","version":"2.9.10","max_payload":1048576,"headers":true,"nonce":"abc"}\r\n',
    );
    socket.setEncoding('utf8').on('data', (text: string) => {
      received.push(text);
      if (text.includes('PING')) socket.write('PONG\r\n');
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const seed = new TextDecoder().decode(createUser().getSeed());
  await assert.rejects(connectBus({ url: `nats://127.0.0.1:${port}`, service: 'gateway', seed }), {
    code: 'configuration-invalid',
    detail: /nats-server 2\.9\.10 is refused/,
  });
  assert.ok(!/SUB|PUB/.test(received.join('')));
  server.close();
});
