import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import { RequestMultiplexer } from './multiplexer.ts';
import type { Transport, TransportMessage } from './transport.ts';

test('an answer that arrived while this process was busy with something else is no silence', async () => {
  let deliver: (message: TransportMessage) => void = () => assert.fail('nobody listens');
  const transport: Transport = {
    isConnected: true,
    subscribe: async (_pattern, _queue, take) => {
      deliver = take;
      return { drain: async () => undefined };
    },
    publish: (_subject, bytes, reply) => {
      const { records } = decodeFrame(bytes, 'requests') as Frame;
      const answers = records.map(({ id, bytes: asked }) => ({
        id,
        kind: 'reply' as const,
        remainingMs: 0,
        bytes: asked,
      }));
      const data = encodeFrame(answers, Date.now());
      // As from a socket: it is there at once, and is read after the timers that are due.
      const { port1, port2 } = new MessageChannel();
      port2.once('message', () => {
        port2.close();
        deliver({ subject: reply as string, data, reply: undefined, isNoResponders: false });
      });
      port1.postMessage('arrived');
      const busyUntil = performance.now() + 150;
      while (performance.now() < busyUntil);
    },
    flush: async () => undefined,
  };
  const multiplexer = new RequestMultiplexer({ transport, inbox: 'inbox', onDropped: () => undefined });
  await multiplexer.listen();
  const answer = await multiplexer.request('somebody', Uint8Array.of(7), { deadlineMs: 50 });
  assert.deepEqual([...answer], [7]);
});
