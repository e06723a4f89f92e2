import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { createTelemetry } from './create-telemetry.ts';
import type { LogFields } from './log-fields.ts';
import { createLogger } from './logger.ts';
import { publishStep, type Step, stepChannelName } from './steps.ts';

const canary = 'canary-51c0';

function recording() {
  const lines: string[] = [];
  const logger = createLogger({
    service: 's',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  });
  return { lines, logger };
}

test('permitted fields are written, one JSON object a line', () => {
  const { lines, logger } = recording();
  logger.info('operation-done', { requestId: 'r1', durationMs: 1.5 });
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.deepEqual(
    [line['event'], line['service'], line['requestId'], line['durationMs']],
    ['operation-done', 's', 'r1', 1.5],
  );
});

test('no field outside of the list and no object inside of it gets through; what was dropped is counted', () => {
  const { lines, logger } = recording();
  const hostile = { password: canary, reason: { canary }, object: Buffer.from(canary), operation: [canary] };
  logger.error('x', hostile as unknown as LogFields);
  assert.ok(!lines.join('').includes(canary));
  assert.ok(!lines.join('').includes([...Buffer.from(canary)].join(',')));
  assert.equal(logger.droppedFields(), 4);
});

test('a foreign error gives its class and place, never its message', () => {
  const { lines, logger } = recording();
  const foreign = Object.assign(new RangeError(`bad value ${canary}`), { value: canary, code: 'ERR_X' });
  logger.error('x', {}, new StrongroomError('internal', { detail: 'field name', cause: foreign }));
  const text = lines.join('');
  assert.ok(!text.includes(canary));
  assert.ok(text.includes('RangeError') && text.includes('ERR_X') && text.includes('field name'));
});

test('metrics are exposed as Prometheus text and shutdown is bounded', async () => {
  const telemetry = createTelemetry({
    service: 's',
    instance: 'i',
    version: '1',
    level: 'error',
    destination: { write: () => undefined },
    otlpUrl: 'http://127.0.0.1:9',
  });
  telemetry.metrics.counter('strongroom_test', 'test').add(2, { operation: 'a' });
  telemetry.metrics.duration('strongroom_test_seconds', 'test').record(0.002);
  const text = await telemetry.metrics.expose();
  assert.match(text, /strongroom_test_total\{.*operation="a".*\} 2/);
  assert.match(text, /strongroom_test_seconds_bucket\{.*le="0.0025".*\} 1/);
  await telemetry.shutdown();
});

test('steps reach subscribers and cost nothing without one', () => {
  const seen: Step[] = [];
  const listen = (message: unknown) => void seen.push(message as Step);
  publishStep('unheard');
  subscribe(stepChannelName, listen);
  publishStep('opened', 'r1', 'kms.wrap');
  unsubscribe(stepChannelName, listen);
  assert.deepEqual(seen, [{ name: 'opened', requestId: 'r1', operation: 'kms.wrap' }]);
});
