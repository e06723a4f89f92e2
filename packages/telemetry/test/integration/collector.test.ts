/** What reaches a collector over OTLP/HTTP, and what happens when there is none. */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { newRequestId } from '@strongroom/contracts';
import { createTelemetry, publishStep, stepChannelName } from '../../src/index.ts';

const options = {
  service: 'crypto-worker',
  instance: 'worker-1',
  version: '0.1.0',
  level: 'error',
  destination: { write: () => undefined },
  lastStep: 'sealed',
} as const;

test('spans and metrics reach the collector before the process ends', async () => {
  const bodies = new Map<string, string>();
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      bodies.set(path, `${bodies.get(path) ?? ''}${Buffer.concat(chunks).toString('utf8')}`);
      response.setHeader('connection', 'close');
      response.end('{}');
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const telemetry = createTelemetry({ ...options, otlpUrl: `http://127.0.0.1:${port}` });
  const requestId = newRequestId();
  publishStep('opened', requestId, 'kms.unwrap');
  publishStep('sealed', requestId, 'kms.unwrap');
  telemetry.metrics.counter('strongroom_test', 'test').add(3, { operation: 'kms.unwrap' });
  await telemetry.shutdown();
  collector.close();
  const { resourceSpans } = JSON.parse(bodies.get('/v1/traces') ?? '{}');
  const spans = resourceSpans[0].scopeSpans[0].spans;
  assert.deepEqual(spans.map((span: { name: string }) => span.name).sort(), [
    'kms.unwrap',
    'opened',
    'sealed',
  ]);
  assert.equal(spans[0].traceId, requestId.replaceAll('-', ''));
  const attributes = resourceSpans[0].resource.attributes.map(({ key }: { key: string }) => key);
  assert.deepEqual(attributes.sort(), ['service.instance.id', 'service.name', 'service.version']);
  assert.match(bodies.get('/v1/metrics') ?? '', /strongroom_test/);
});

test('a collector that hangs, or is not there, does not hold the process', async () => {
  const hanging = createServer(() => undefined);
  hanging.listen(0, '127.0.0.1');
  await once(hanging, 'listening');
  const { port } = hanging.address() as AddressInfo;
  for (const otlpUrl of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:9']) {
    const telemetry = createTelemetry({ ...options, otlpUrl });
    publishStep('sealed', newRequestId(), 'kms.unwrap');
    telemetry.metrics.counter('strongroom_test', 'test').add(1);
    const started = performance.now();
    await telemetry.shutdown();
    assert.ok(performance.now() - started < 3_000);
  }
  hanging.closeAllConnections();
  hanging.close();
});

test('without a collector nothing listens to the steps', async () => {
  const telemetry = createTelemetry(options);
  assert.equal(channel(stepChannelName).hasSubscribers, false);
  await telemetry.shutdown();
});
