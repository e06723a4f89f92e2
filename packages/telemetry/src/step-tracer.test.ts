import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { newRequestId } from '@strongroom/contracts';
import { traceSteps } from './step-tracer.ts';
import { publishStep, type Step, stepChannelName } from './steps.ts';

function tracing(ratio = 1) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const stop = traceSteps({ tracer: provider.getTracer('test'), lastStep: 'sealed', ratio });
  return { stop, spans: () => exporter.getFinishedSpans() };
}

test('steps reach subscribers in the step itself, and nobody without one', () => {
  const seen: Step[] = [];
  const listen = (message: unknown) => void seen.push(message as Step);
  publishStep('unheard');
  subscribe(stepChannelName, listen);
  publishStep('opened', 'r1', 'kms.wrap');
  assert.deepEqual(seen, [{ name: 'opened', requestId: 'r1', operation: 'kms.wrap' }]);
  unsubscribe(stepChannelName, listen);
});

test('a request is a span with one span for each step, in the trace that its id names', () => {
  const { stop, spans } = tracing();
  const requestId = newRequestId();
  publishStep('opened', requestId);
  publishStep('proved', requestId, 'kms.wrap');
  publishStep('sealed', requestId, 'kms.wrap');
  stop();
  const found = spans();
  assert.deepEqual(
    found.map(({ name }) => name),
    ['opened', 'proved', 'sealed', 'kms.wrap'],
  );
  const root = found.at(-1);
  for (const span of found) assert.equal(span.spanContext().traceId, requestId.replaceAll('-', ''));
  for (const span of found.slice(0, -1)) {
    assert.equal(span.parentSpanContext?.spanId, root?.spanContext().spanId);
  }
});

test('requests that are under way at the same time do not mix', () => {
  const { stop, spans } = tracing();
  const [one, two] = [newRequestId(), newRequestId()] as const;
  publishStep('opened', one, 'a');
  publishStep('opened', two, 'b');
  publishStep('sealed', two, 'b');
  publishStep('sealed', one, 'a');
  stop();
  assert.equal(spans().filter((span) => span.spanContext().traceId === one.replaceAll('-', '')).length, 3);
});

test('steps without an id, or with one that is none, make no span', () => {
  const { stop, spans } = tracing();
  for (const requestId of [
    undefined,
    '',
    'x',
    `${newRequestId()}0`,
    '00000000-0000-0000-0000-000000000000',
  ]) {
    publishStep('sealed', requestId);
  }
  stop();
  assert.equal(spans().length, 0);
});

test('requests that never end are given up, oldest first, within a bound', () => {
  const { stop, spans } = tracing();
  const ids = Array.from({ length: 2_100 }, () => newRequestId());
  for (const requestId of ids) publishStep('opened', requestId, 'a');
  const abandoned = () => spans().filter((span) => span.attributes['strongroom.abandoned'] === true);
  assert.equal(abandoned().length, ids.length - 2_048);
  assert.equal(abandoned()[0]?.spanContext().traceId, ids[0]?.replaceAll('-', ''));
  stop();
  assert.equal(abandoned().length, ids.length);
});

test('every process chooses the same share of the requests', () => {
  const [first, second] = [tracing(0.25), tracing(0.25)];
  for (let count = 0; count < 2_000; count += 1) publishStep('sealed', newRequestId());
  first.stop();
  second.stop();
  const traces = (spans: ReturnType<typeof first.spans>) =>
    spans.map((span) => span.spanContext().traceId).sort();
  assert.deepEqual(traces(first.spans()), traces(second.spans()));
  const share = first.spans().length / 2 / 2_000;
  assert.ok(share > 0.18 && share < 0.32, String(share));
});
