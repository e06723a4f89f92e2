/** How a witness is asked over HTTP: what is sent, what each answer means, and what a hostile one can not do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { cosignatureVerifierKey } from '@strongroom/merkle';
import { parseWitnessList } from '../../src/domain/witness-list.ts';
import { makeWitnessClient } from '../../src/outbound/http/witness-client.ts';
import { newKeyPair } from '../../testing/test-deployment.ts';

const request = { oldSize: 3, proof: [new Uint8Array(32).fill(1)], note: 'log\n4\nroot\n\n— log AAAA\n' };

async function ask(answer: (response: ServerResponse) => void) {
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      bodies.push(`${incoming.method} ${incoming.url}\n${body}`);
      answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log/`;
  try {
    const client = makeWitnessClient({ name: 'w.example', publicKey: newKeyPair().raw, url });
    return { answer: await client.addCheckpoint(request), bodies };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('the request is that of C2SP, and each answer means what it says there', async () => {
  const cosigned = await ask((response) => response.end('— w.example AAAA\n— v.example BBBB\n'));
  assert.deepEqual(cosigned.bodies, [
    `POST /log/add-checkpoint\nold 3\n${Buffer.alloc(32, 1).toString('base64')}\n\n${request.note}`,
  ]);
  assert.deepEqual(cosigned.answer, {
    status: 'cosigned',
    lines: ['— w.example AAAA\n', '— v.example BBBB\n'],
  });
  const stale = await ask((response) => {
    response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('12\n');
  });
  assert.deepEqual(stale.answer, { status: 'stale', size: 12 });
  for (const [status, body] of [
    [409, 'a fork'],
    [422, 'no proof'],
    [500, ''],
  ] as const) {
    const { answer } = await ask((response) => void response.writeHead(status).end(body));
    assert.deepEqual(answer, { status: 'refused', reason: `${status} ${body}` });
  }
});

test('an answer that goes on and on, or sends us elsewhere, is none', async () => {
  await assert.rejects(ask((response) => void response.end('x'.repeat(100_000))));
  await assert.rejects(
    ask((response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
  );
});

test('a list names each witness once, with its key and address', () => {
  const key = cosignatureVerifierKey('w.example', newKeyPair().raw);
  const [parsed, ...more] = parseWitnessList(`# ours\n${key} https://w.example/log\n`) as readonly {
    url: string;
  }[];
  assert.deepEqual([parsed?.url, more], ['https://w.example/log', []]);
  for (const [list, problem] of [
    [`${key} ftp://w.example`, /line 1: no address/],
    [`${key} https://user@w.example`, /line 1: no address/],
    [`${key} https://w.example more`, /line 1: no address/],
    [`${key} https://w.example\n${key} https://v.example`, /line 2: a name that is there already/],
  ] as const) {
    assert.match(String(parseWitnessList(list)), problem);
  }
});
