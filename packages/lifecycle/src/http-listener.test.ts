import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { HttpListener } from './http-listener.ts';

type Answer = ConstructorParameters<typeof HttpListener>[0]['answer'];

const make = (answer: Answer) =>
  new HttpListener({ host: '127.0.0.1', port: 0, connectionsMax: 4, answer, stopMsMax: 100 });

async function open(answer: Answer): Promise<HttpListener> {
  const listener = make(answer);
  await listener.start();
  return listener;
}

test('a request is answered, and what is under way at a stop is finished', async () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const listener = await open(async (_request, response) => {
    asked.resolve();
    await gate.promise;
    response.end('done');
  });
  const answer = fetch(`http://127.0.0.1:${listener.port}/`).then((response) => response.text());
  await asked.promise;
  const stopped = listener.stop();
  gate.resolve();
  assert.equal(await answer, 'done');
  await stopped;
});

test('a caller that never ends its request does not hold up a stop', async () => {
  const listener = await open((_request, response) => void response.end());
  const socket = connect(listener.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  await new Promise<void>((resolve) => socket.write('GET / HTTP/1.1\r\nhost: x\r\n', () => resolve()));
  const gone = once(socket, 'close');
  await listener.stop();
  await gone;
});

test('what never started, or has stopped, is stopped at once', async () => {
  const listener = make((_request, response) => void response.end());
  await listener.stop();
  await listener.start();
  await listener.stop();
  await listener.stop();
});
