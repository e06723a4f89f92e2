import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyResource } from '@opentelemetry/resources';
import { createMetrics, type MetricLabels } from './metrics.ts';

const canary = 'canary/51c0';

test('counters, durations and gauges are exposed as Prometheus text', async () => {
  const metrics = createMetrics(emptyResource(), undefined);
  const counter = metrics.counter('strongroom_test', 'a test');
  counter.add(2, { operation: 'kms.wrap', code: 'denied' });
  counter.add(1);
  metrics.duration('strongroom_test_seconds', 'a test').record(0.002, { step: 'effect-done' });
  let level = 3;
  metrics.gauge('strongroom_level', 'a test', () => level);
  const text = await metrics.expose();
  assert.match(text, /# TYPE strongroom_test_total counter/);
  assert.match(text, /strongroom_test_total\{.*code="denied".*operation="kms\.wrap".*\} 2/);
  assert.match(text, /strongroom_test_seconds_bucket\{.*le="0\.0025".*\} 1/);
  assert.match(text, /strongroom_level(\{.*\})? 3/);
  level = 4;
  assert.match(await metrics.expose(), /strongroom_level(\{.*\})? 4/);
  await metrics.shutdown();
});

test('a label outside of the list, or a value that is no name, is not exposed', async () => {
  const metrics = createMetrics(emptyResource(), undefined);
  const counter = metrics.counter('strongroom_test', 'a test');
  const hostile = {
    principal: canary,
    code: canary,
    state: { toString: () => canary },
    reason: 'x'.repeat(200),
  };
  counter.add(1, hostile as unknown as MetricLabels);
  const text = await metrics.expose();
  assert.ok(!text.includes('canary') && !text.includes('principal') && !text.includes('xxx'));
  assert.match(text, /code="other".*reason="other".*state="other"/);
  await metrics.shutdown();
});

test('a witness is told by its name, which has a path, and no other label may have one', async () => {
  const metrics = createMetrics(emptyResource(), undefined);
  const name = 'witness.example/w1';
  metrics.counter('strongroom_test', 'a test').add(1, { witness: name, code: name });
  assert.match(await metrics.expose(), /code="other".*witness="witness\.example\/w1"/);
  await metrics.shutdown();
});
