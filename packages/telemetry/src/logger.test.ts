import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes, SecretString } from '@strongroom/secret';
import fc from 'fast-check';
import { type LogFields, logFieldKinds } from './log-fields.ts';
import { createLogger, type LogLevel } from './logger.ts';
import { reportTo } from './report-to.ts';

const canary = 'canary-51c0';

function recording(level: LogLevel = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({
    service: 's',
    level,
    destination: { write: (line) => void lines.push(line) },
  });
  return { lines, logger };
}

/** In no encoding that a serialiser could have chosen. */
function assertSilent(lines: readonly string[]): void {
  const text = lines.join('');
  const bytes = Buffer.from(canary);
  const forms = [
    canary,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    [...bytes].join(','),
    encodeURIComponent(canary),
  ];
  for (const form of forms) assert.ok(!text.includes(form), `${form} in ${text}`);
}

test('permitted fields are written, one JSON object a line', () => {
  const { lines, logger } = recording();
  logger.info('operation-done', { requestId: 'r1', durationMs: 1.5, code: 'denied', count: undefined });
  const { event, service, requestId, durationMs, code, count, level, time } = JSON.parse(lines[0] ?? '');
  assert.deepEqual(
    [event, service, requestId, durationMs, code],
    ['operation-done', 's', 'r1', 1.5, 'denied'],
  );
  assert.ok(level === 30 && count === undefined && !Number.isNaN(Date.parse(time)));
  assert.ok(lines[0]?.endsWith('\n'));
  assert.equal(logger.droppedFields(), 0);
});

test('no field outside of the list and no object inside of it gets through; what was dropped is counted', () => {
  const hostile: Record<string, unknown> = {
    password: canary,
    service: canary,
    event: canary,
    level: canary,
    time: canary,
    message: canary,
    msg: canary,
    err: new Error(canary),
    reason: { canary },
    object: Buffer.from(canary),
    operation: [canary],
    principal: new SecretString(canary),
    subject: SecretBytes.copyOf(Buffer.from(canary)),
    state: { toString: () => canary, toJSON: () => canary, [inspect.custom]: () => canary },
    task: new String(canary),
    pool: Symbol(canary),
    worker: () => canary,
    version: new Map([[canary, canary]]),
    count: canary,
    bytes: BigInt(7),
    __proto__: { [canary]: canary },
  };
  const { lines, logger } = recording();
  logger.error('x', hostile as LogFields);
  assertSilent(lines);
  assert.equal(logger.droppedFields(), Object.keys(hostile).length + 1);
});

test('a value in disguise does not get through as an event, a field name or a fault', () => {
  const { lines, logger } = recording();
  logger.info(`user ${canary}`);
  logger.info(`Token: ${canary}`, { [canary]: 'x' } as LogFields);
  for (const fault of [
    canary,
    { canary },
    Buffer.from(canary),
    new Error(canary),
    Object.assign(new Error('x'), { config: canary }),
  ]) {
    logger.error('failed', {}, fault);
  }
  logger.error(
    'failed',
    {},
    new StrongroomError('internal', { cause: new Error(canary, { cause: canary }) }),
  );
  assertSilent(lines);
  assert.equal(lines.length, 8);
  assert.equal(JSON.parse(lines[0] as string).event, 'unnamed-event');
});

test('a fault gives its class, code and place, and the safe detail of ours', () => {
  const { lines, logger } = recording();
  const foreign = Object.assign(new RangeError(`bad value ${canary}`), { code: 'ERR_X' });
  logger.error('x', {}, new StrongroomError('internal', { detail: 'field name', cause: foreign }));
  const { fault } = JSON.parse(lines[0] as string);
  assert.deepEqual([fault.class, fault.code, fault.detail], ['StrongroomError', 'internal', 'field name']);
  assert.deepEqual([fault.cause.class, fault.cause.code], ['RangeError', 'ERR_X']);
  assert.match(fault.at[0], /logger\.test\.ts/);
  assertSilent(lines);
});

test('whatever the fields are, a line is written, it is JSON, and it has only what the list permits', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...Object.keys(logFieldKinds))), fc.anything()),
      (fields) => {
        const { lines, logger } = recording();
        logger.info('x', fields as LogFields);
        const { level, time, service, event, ...rest } = JSON.parse(lines[0] ?? '');
        assert.deepEqual([level, service, event, typeof time], [30, 's', 'x', 'string']);
        for (const [name, value] of Object.entries(rest)) {
          // JSON has no NaN and no infinities.
          assert.ok(value === null || typeof value === logFieldKinds[name], name);
        }
      },
    ),
  );
});

test('a field that cannot even be read ends neither the line nor the caller', () => {
  const { lines, logger } = recording();
  const trap = {
    get reason(): string {
      throw new Error(canary);
    },
  };
  logger.info('x', trap);
  assert.equal(JSON.parse(lines[0] as string).event, 'x');
  assert.equal(logger.droppedFields(), 1);
  assertSilent(lines);
});

test('texts are cut, and line breaks do not make lines', () => {
  const { lines, logger } = recording();
  logger.info('x', { reason: `${'y'.repeat(5_000)}`, object: 'a\nb\u001b[31m' });
  assert.equal(lines.length, 1);
  assert.ok((lines[0] as string).length < 1_300);
  assert.equal((lines[0] as string).split('\n').length, 2);
  assert.ok(!(lines[0] as string).includes('\u001b'));
});

test('below the level nothing is written', () => {
  const { lines, logger } = recording('warn');
  logger.trace('x');
  logger.debug('x');
  logger.info('x');
  logger.warn('x');
  logger.error('x');
  assert.equal(lines.length, 2);
});

test('what is reported with an error is an error line', () => {
  const { lines, logger } = recording();
  const report = reportTo(logger);
  report('component-started', { component: 'bus' });
  report('component-stop-failed', { component: 'bus', error: new Error(canary) });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).level),
    [30, 50],
  );
  assertSilent(lines);
});
