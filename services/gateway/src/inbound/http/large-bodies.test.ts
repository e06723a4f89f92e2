import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { largeBodiesMax, makeAdmitLargeBodies, smallBodyBytesMax } from './large-bodies.ts';

type Admit = ReturnType<typeof makeAdmitLargeBodies>;

function send(admit: Admit, headers: Record<string, string>) {
  const raw = new EventEmitter();
  const [request, reply] = [{ headers }, { raw }] as unknown as Parameters<Admit>;
  return { raw, admitted: admit(request, reply) };
}

const large = { 'content-length': String(smallBodyBytesMax + 1) };

test('only some large bodies are read at a time, and small ones always', async () => {
  const admit = makeAdmitLargeBodies();
  const reading = Array.from({ length: largeBodiesMax }, () => send(admit, large));
  await Promise.all(reading.map(({ admitted }) => admitted));
  for (const headers of [large, { 'transfer-encoding': 'chunked' }])
    await assert.rejects(send(admit, headers).admitted, { code: 'overloaded' });
  await send(admit, { 'content-length': String(smallBodyBytesMax) }).admitted;
  reading[0]?.raw.emit('close');
  await send(admit, large).admitted;
  await assert.rejects(send(admit, large).admitted, { code: 'overloaded' });
});
