/** The three kinds of sink against real receivers: over TLS, over HTTPS, and on a file system. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newRequestId, type SyslogTarget } from '@strongroom/contracts';
import { ed25519Sign, ed25519Verify } from '@strongroom/sealed';
import { makeCertificate, makeTemporaryDirectory } from '@strongroom/testing';
import { type SinkLine, sinkLine } from '../../src/domain/sink-line.ts';
import { openFileSink } from '../../src/outbound/sinks/file-sink.ts';
import { openSyslogSink } from '../../src/outbound/sinks/syslog-sink.ts';
import { openWebhookSink } from '../../src/outbound/sinks/webhook-sink.ts';
import type { SinkPage } from '../../src/ports/sink.ts';
import { startSyslogReceiver, startWebhookReceiver } from '../../testing/receivers.ts';
import { newKeyPair } from '../../testing/test-deployment.ts';

const folder = await makeTemporaryDirectory('sinks');
const certificate = await makeCertificate(folder.path, 'receiver');
const ca = readFileSync(certificate.certFile, 'utf8');
after(() => folder.remove());

const placement = { at: '2030-01-01T00:00:00.000Z', actorSeq: 1, objectSeqs: [] };
const line = (index: number, padding = 0, outcome = 'done'): SinkLine =>
  sinkLine(
    'log',
    index,
    Buffer.from(JSON.stringify({ body: { outcome, pad: 'x'.repeat(padding) }, placement })),
  );
const page = (...indexes: number[]): SinkPage => ({ lines: indexes.map((index) => line(index)) });
const soon = () => AbortSignal.timeout(400);
const ample = () => AbortSignal.timeout(10_000);

function syslog(port: number, change: Partial<SyslogTarget> = {}, client = {}) {
  const target = { kind: 'syslog', host: '127.0.0.1', port, messageBytesMax: 4_096 } as const;
  return openSyslogSink({ ...target, ca, addresses: ['127.0.0.1'], ...change }, { client });
}

test('syslog: each entry is one RFC 5424 message after its octet count, as JSON that names log, index and hash', async () => {
  const receiver = await startSyslogReceiver(certificate);
  try {
    const lines = [line(1), line(2, 0, 'refused'), line(3, 5_000)];
    await syslog(receiver.port).deliver(
      { lines, checkpoint: '{"checkpoint":"note","origin":"log"}' },
      ample(),
    );
    const parts = receiver.messages.map(
      (message) => /^<(\d+)>1 (\S+) \S+ strongroom - (\S+) - (.*)$/.exec(message) ?? [],
    );
    assert.deepEqual(
      parts.map(([, priority, at]) => [priority, at]),
      [110, 108, 110, 110].map((priority) => [String(priority), placement.at]),
    );
    assert.deepEqual(
      parts.map(([, , , id]) => id),
      ['entry', 'entry', 'entry', 'checkpoint'],
    );
    assert.equal(parts[0]?.[4], lines[0]?.text);
    assert.equal(
      parts[2]?.[4],
      lines[2]?.brief,
      'what the receiver does not take as one message comes without content',
    );
  } finally {
    await receiver.close();
  }
});

test('syslog: delivered is only what the receiver has read to the end', async () => {
  const receiver = await startSyslogReceiver(certificate);
  try {
    const sink = syslog(receiver.port, { messageBytesMax: 131_072 });
    const large = { lines: Array.from({ length: 100 }, (_, index) => line(index, 60_000)) };
    for (const manner of ['deaf', 'cuts', 'mute', 'hasty'] as const) {
      receiver.manner = manner;
      await assert.rejects(sink.deliver(large, soon()), manner);
    }
    receiver.manner = 'good';
    await sink.deliver(page(1, 2), ample());
    assert.equal(receiver.messages.length, 2);
  } finally {
    await receiver.close();
  }
  await assert.rejects(syslog(receiver.port).deliver(page(1), ample()), /ECONNREFUSED/);
});

test('syslog: only a receiver that the authorities vouch for gets anything, and it may ask who we are', async () => {
  const client = await makeCertificate(folder.path, 'client');
  const receiver = await startSyslogReceiver(certificate, client.certFile);
  try {
    const other = readFileSync(client.certFile, 'utf8');
    await assert.rejects(syslog(receiver.port, { ca: other }, client).deliver(page(1), ample()));
    await assert.rejects(syslog(receiver.port).deliver(page(1), ample()));
    await syslog(receiver.port, {}, client).deliver(page(1), ample());
    assert.equal(receiver.messages.length, 1);
  } finally {
    await receiver.close();
  }
});

test('no sink is led to an address that is neither public nor named', async () => {
  const receiver = await startSyslogReceiver(certificate);
  const hooks = await startWebhookReceiver(certificate);
  try {
    await assert.rejects(
      syslog(receiver.port, { addresses: [] }).deliver(page(1), ample()),
      /neither public/,
    );
    const url = `https://metadata.example:${hooks.port}/`;
    const target = { kind: 'webhook', url, ca } as const;
    const resolve = async () => ['127.0.0.1'];
    const options = { resolve, signAsService: () => new Uint8Array(64) };
    await assert.rejects(
      openWebhookSink({ id: 'x' }, target, options).deliver(page(1), ample()),
      /neither public/,
    );
    assert.deepEqual([receiver.messages, hooks.posted], [[], []]);
  } finally {
    await receiver.close();
    await hooks.close();
  }
});

test('webhook: one signed POST a page, the same id when it is sent again', async () => {
  const receiver = await startWebhookReceiver(certificate);
  try {
    const { privateKey, raw } = newKeyPair();
    const id = newRequestId();
    const target = { kind: 'webhook', url: `https://127.0.0.1:${receiver.port}/in?x=1`, ca } as const;
    const signAsService = (bytes: Uint8Array) => ed25519Sign(privateKey, bytes);
    const sink = openWebhookSink({ id }, { ...target, addresses: ['127.0.0.1'] }, { signAsService });
    receiver.status = 500;
    await assert.rejects(sink.deliver(page(1, 2), ample()), /status 500/);
    receiver.status = 0;
    await assert.rejects(sink.deliver(page(1, 2), soon()));
    receiver.status = 307;
    receiver.location = `https://127.0.0.1:${receiver.port}/elsewhere`;
    await assert.rejects(sink.deliver(page(1, 2), ample()), /status 307/);
    receiver.status = 204;
    await sink.deliver(page(1, 2), ample());
    assert.equal(receiver.posted.length, 4);
    for (const { headers, body } of receiver.posted) {
      const [name, time] = [headers['webhook-id'], headers['webhook-timestamp']];
      assert.equal(name, `msg_${id}_1_2`);
      assert.ok(Math.abs(Number(time) - Date.now() / 1_000) < 60);
      const [scheme, signature] = String(headers['webhook-signature']).split(',');
      assert.equal(scheme, 'v1a');
      const signed = Buffer.from(`${name}.${time}.${body}`);
      assert.ok(ed25519Verify(raw, signed, Buffer.from(signature ?? '', 'base64')));
      const { type, data } = JSON.parse(body);
      assert.deepEqual(
        [type, data.entries.map((each: { index: number }) => each.index)],
        ['strongroom.audit.entries', [1, 2]],
      );
    }
  } finally {
    await receiver.close();
  }
});

test('file: lines are appended, a torn one is cut off, full files are numbered and the oldest removed', async () => {
  const directory = join(folder.path, 'files');
  await mkdir(directory);
  const sink = openFileSink({ name: 'siem' }, { kind: 'file', rotateBytes: 65_536, filesMax: 2 }, directory);
  const path = join(directory, 'siem.ndjson');
  await sink.deliver(page(1), ample());
  await appendFile(path, '{"entry":{"torn');
  await sink.deliver(page(2), ample());
  const read = async () =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text).index);
  assert.deepEqual(await read(), [1, 2]);
  await rm(path);
  await sink.deliver(page(3), ample());
  assert.deepEqual(await read(), [3], 'a file that was taken away is made anew');
  for (const index of [4, 5, 6, 7]) await sink.deliver({ lines: [line(index, 66_000)] }, ample());
  assert.deepEqual((await readdir(directory)).sort(), [
    'siem.0000000000000007.ndjson',
    'siem.0000000000000008.ndjson',
  ]);
  await assert.rejects(
    openFileSink({ name: 'siem' }, { kind: 'file', rotateBytes: 65_536, filesMax: 2 }, undefined).deliver(
      page(1),
      ample(),
    ),
    /no folder/,
  );
});
