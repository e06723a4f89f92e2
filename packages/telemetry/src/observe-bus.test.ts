import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTelemetry } from './create-telemetry.ts';
import { observeBus } from './observe-bus.ts';

test('a lost connection and a refused subject are told, dropped messages are counted', async () => {
  const lines: string[] = [];
  const { logger, metrics, shutdown } = createTelemetry({
    service: 's',
    instance: 'i',
    version: '1',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const watch = observeBus(logger, metrics);
  watch.onState('connected');
  watch.onState('disconnected');
  watch.onState('closed', new Error('why'));
  watch.onRefused('publish', 'sr.v1.audit.append');
  for (const reason of ['expired', 'expired', 'unknown-id']) watch.onDropped(reason);
  const told = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map(({ level, event, state, subject }) => [level, event, state ?? subject]),
    [
      [30, 'bus-state', 'connected'],
      [40, 'bus-state', 'disconnected'],
      [40, 'bus-state', 'closed'],
      [50, 'bus-subject-refused', 'sr.v1.audit.append'],
    ],
  );
  const text = await metrics.expose();
  assert.match(text, /strongroom_bus_dropped_total\{.*reason="expired".*\} 2/);
  assert.match(text, /strongroom_bus_refused_total\{.*operation="publish".*\} 1/);
  await shutdown();
});
