import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManagementServer } from './management-server.ts';
import { retiredStatus, runProcess } from './run-process.ts';
import { type Component, Service } from './service.ts';

const silent = () => undefined;

function recorder() {
  const log: string[] = [];
  const component = (name: string, overrides: Partial<Component> = {}): Component => ({
    name,
    start: () => void log.push(`start ${name}`),
    stop: () => void log.push(`stop ${name}`),
    ...overrides,
  });
  return { log, component };
}

test('parts start in order and stop in reverse', async () => {
  const { log, component } = recorder();
  const service = new Service({ name: 's', components: [component('a'), component('b')], report: silent });
  await service.start();
  assert.equal(service.state, 'ready');
  assert.equal(await service.stop(), true);
  assert.deepEqual(log, ['start a', 'start b', 'stop b', 'stop a']);
  assert.equal(service.state, 'stopped');
});

test('a part that does not start stops those before it and is told', async () => {
  const { log, component } = recorder();
  const failing = component('b', { start: () => Promise.reject(new Error('no')) });
  const service = new Service({
    name: 's',
    components: [component('a'), failing, component('c')],
    report: silent,
  });
  await assert.rejects(service.start(), /no/);
  assert.deepEqual(log, ['start a', 'stop a']);
});

test('a part that does not stop in time does not hold the process', async () => {
  const { component } = recorder();
  const stuck = component('stuck', { stop: () => new Promise<void>(silent) });
  const service = new Service({ name: 's', components: [stuck], drainMs: 20, report: silent });
  await service.start();
  assert.equal(await service.stop(), false);
});

test('a part that fails to stop does not keep the others running', async () => {
  const { log, component } = recorder();
  const failing = component('b', { stop: () => Promise.reject(new Error('no')) });
  const service = new Service({ name: 's', components: [component('a'), failing], report: silent });
  await service.start();
  assert.equal(await service.stop(), true);
  assert.deepEqual(log.at(-1), 'stop a');
});

test('the status file tells the state and why a part is not ready', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'lifecycle-'));
  context.after(() => rm(directory, { recursive: true }));
  const statusFile = join(directory, 'status.json');
  const { component } = recorder();
  const service = new Service({
    name: 's',
    components: [component('a', { unready: () => 'no database' })],
    statusFile,
    report: silent,
  });
  await service.start();
  const read = async () => JSON.parse(await readFile(statusFile, 'utf8')) as Record<string, unknown>;
  assert.deepEqual((await read())['unready'], { a: 'no database' });
  assert.equal((await read())['state'], 'degraded');
  await service.stop();
  assert.equal((await read())['state'], 'stopped');
});

test('probes and metrics answer on a port of their own', async () => {
  let reasons: Record<string, string> = {};
  const server = new ManagementServer({
    host: '127.0.0.1',
    port: 0,
    unready: () => reasons,
    metrics: async () => 'm 1\n',
  });
  await server.start();
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
  assert.deepEqual(
    [await get('/livez'), await get('/readyz'), await get('/metrics'), await get('/x')],
    [200, 200, 200, 404],
  );
  reasons = { database: 'away' };
  assert.deepEqual([await get('/livez'), await get('/readyz')], [200, 503]);
  await server.stop();
});

test('a signal drains and ends with 0, a fault nobody caught or a part declares with 1', async () => {
  for (const [event, status] of [
    ['SIGTERM', 0],
    ['uncaughtException', 1],
    ['declared', 1],
  ] as const) {
    const { log, component } = recorder();
    const service = new Service({ name: 's', components: [component('a')], report: silent });
    const listeners = new Map<string, (fault: unknown) => void>();
    const exited = Promise.withResolvers<number>();
    await runProcess(service, {
      edge: {
        on: (name: string, listener: ((fault: unknown) => void) | (() => void)) =>
          listeners.set(name, listener),
        exit: exited.resolve,
      },
      flush: async () => void log.push('flush'),
    });
    if (event === 'declared') service.fail(new Error('x'));
    else listeners.get(event)?.(new Error('x'));
    assert.equal(await exited.promise, status);
    assert.deepEqual(log, ['start a', 'stop a', 'flush']);
  }
});

test('a part that asks for it ends the process in order, with the status that asks for another one', async () => {
  const { log, component } = recorder();
  const exited = Promise.withResolvers<number>();
  const service: Service = new Service({ name: 's', components: [component('a')], report: silent });
  await runProcess(service, {
    edge: { on: silent, exit: exited.resolve },
    flush: async () => void log.push('flush'),
  });
  service.retire();
  assert.equal(await exited.promise, retiredStatus);
  assert.deepEqual(log, ['start a', 'stop a', 'flush']);
});

test('a stop during the start waits for the part at hand, and starts no other', async () => {
  const { log, component } = recorder();
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const slow = component('b', {
    start: async () => {
      log.push('start b');
      entered.resolve();
      await gate.promise;
    },
  });
  const service = new Service({
    name: 's',
    components: [component('a'), slow, component('c')],
    report: silent,
  });
  const started = service.start();
  await entered.promise;
  const stopped = service.stop();
  gate.resolve();
  await assert.rejects(started, { code: 'stopping' });
  assert.equal(await stopped, true);
  assert.deepEqual(log, ['start a', 'start b', 'stop b', 'stop a']);
  assert.equal(service.state, 'stopped');
});

test('a part that hangs in its start does not hold the stop longer than the drain time', async () => {
  const { component } = recorder();
  const stuck = component('stuck', { start: () => new Promise<void>(silent) });
  const service = new Service({ name: 's', components: [stuck], drainMs: 20, report: silent });
  void service.start();
  assert.equal(await service.stop(), false);
});

test('until all parts have started none of them counts as ready', async () => {
  const { component } = recorder();
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const slow = component('slow', {
    start: () => {
      entered.resolve();
      return gate.promise;
    },
  });
  const service = new Service({ name: 's', components: [component('a'), slow], report: silent });
  const started = service.start();
  await entered.promise;
  assert.deepEqual(service.unready(), { slow: 'starting' });
  gate.resolve();
  await started;
  assert.deepEqual(service.unready(), {});
  await service.stop();
});

test('two calls to stop are one, and a second fault or flush that fails still ends the process once', async () => {
  const { log, component } = recorder();
  const service = new Service({
    name: 's',
    components: [component('a')],
    report: (event) => log.push(event),
  });
  const listeners = new Map<string, (fault: unknown) => void>();
  const exits: number[] = [];
  await runProcess(service, {
    edge: {
      on: (name: string, listener: ((fault: unknown) => void) | (() => void)) =>
        listeners.set(name, listener),
      exit: (status) => exits.push(status),
    },
    flush: () => Promise.reject(new Error('collector away')),
  });
  assert.equal(service.stop(), service.stop());
  listeners.get('uncaughtException')?.(new Error('x'));
  listeners.get('unhandledRejection')?.(new Error('y'));
  await service.stop();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(exits, [1]);
  assert.equal(log.filter((entry) => entry === 'stop a').length, 1);
  assert.ok(log.includes('flush-failed'));
});
