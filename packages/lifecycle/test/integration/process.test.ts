/** Real processes with real signals. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../testing/sample-process.ts', import.meta.url));

class Sample {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #seen = new EventTarget();
  readonly #ended: Promise<unknown[]>;
  errors = '';

  constructor(behaviour: string, ...more: string[]) {
    this.child = spawn(process.execPath, [program, behaviour, ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.child, 'close');
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.#seen.dispatchEvent(new Event('line'));
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
  }

  /** The first line that fits, printed or still to come. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      await once(this.#seen, 'line');
    }
  }

  async status(): Promise<unknown> {
    return (await this.#ended)[0];
  }

  async port(): Promise<number> {
    return Number((await this.line(/^port/)).slice(5));
  }
}

const order = (lines: readonly string[]) =>
  lines.filter((line) => /^(start |started |stop |flushed)/.test(line));

test('SIGTERM: intake ends, the request under way is answered, parts stop in reverse, status 0', async () => {
  const sample = new Sample('serve');
  await sample.line(/^service-state ready/);
  const answer = fetch(`http://127.0.0.1:${await sample.port()}`).then((response) => response.text());
  await sample.line(/^request taken/);
  sample.child.kill('SIGTERM');
  assert.equal(await answer, 'answered');
  assert.equal(await sample.status(), 0);
  assert.deepEqual(order(sample.lines), [
    'start first',
    'started first',
    'start second',
    'started second',
    'stop second',
    'stop first',
    'flushed',
  ]);
  assert.equal(sample.lines.at(-1), 'flushed');
});

test('SIGINT is the same', async () => {
  const sample = new Sample('serve');
  await sample.line(/^service-state ready/);
  sample.child.kill('SIGINT');
  assert.equal(await sample.status(), 0);
});

test('what does not stop within the drain time is left behind, with status 1', async () => {
  const sample = new Sample('stuck');
  await sample.line(/^service-state ready/);
  const started = performance.now();
  sample.child.kill('SIGTERM');
  assert.equal(await sample.status(), 1);
  const took = performance.now() - started;
  assert.ok(took > 900 && took < 5_000, String(took));
  assert.ok(sample.lines.includes('drain-incomplete') && sample.lines.includes('flushed'));
});

test('a second signal waits for nothing', async () => {
  const sample = new Sample('stuck');
  await sample.line(/^service-state ready/);
  sample.child.kill('SIGTERM');
  await sample.line(/^stop second/);
  const started = performance.now();
  sample.child.kill('SIGTERM');
  assert.equal(await sample.status(), 1);
  assert.ok(performance.now() - started < 900);
});

test('a part that fails to start: those before it are stopped, status 1', async () => {
  const sample = new Sample('fail-start');
  assert.equal(await sample.status(), 1);
  assert.deepEqual(order(sample.lines), [
    'start first',
    'started first',
    'start second',
    'stop first',
    'flushed',
  ]);
  assert.ok(sample.lines.includes('start-failed'));
});

test('a signal during the start: the part at hand is finished and stopped again, nothing else starts', async () => {
  const sample = new Sample('slow-start');
  await sample.line(/^start second/);
  sample.child.kill('SIGTERM');
  assert.equal(await sample.status(), 0);
  assert.deepEqual(order(sample.lines), [
    'start first',
    'started first',
    'start second',
    'started second',
    'stop second',
    'stop first',
    'flushed',
  ]);
  assert.ok(!sample.lines.some((line) => /^port|start-failed/.test(line)));
});

for (const behaviour of ['throw', 'reject']) {
  test(`a fault that nobody caught (${behaviour}) is told, stops the parts and ends with 1`, async () => {
    const sample = new Sample(behaviour);
    assert.equal(await sample.status(), 1);
    assert.ok(sample.lines.includes('process-failed') && sample.lines.includes('stop first'));
    assert.ok(!`${sample.lines.join()}${sample.errors}`.includes('canary'));
  });
}

test('settings that cannot be read are told without what they hold', async () => {
  const sample = new Sample('bad-settings');
  assert.equal(await sample.status(), 1);
  assert.match(sample.errors, /SyntaxError/);
  assert.ok(!sample.errors.includes('canary'));
});

test('whoever reads the status file sees a whole one, from starting to stopped', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'strongroom-status-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'status.json');
  const sample = new Sample('slow-start', file);
  const states = new Set<string>();
  const ended = sample.status();
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  let isTold = false;
  while (!isOver) {
    if (existsSync(file)) {
      const status = JSON.parse(readFileSync(file, 'utf8'));
      assert.equal(status.pid, sample.child.pid);
      assert.equal(status.name, 'sample');
      states.add(status.state);
      if (status.state === 'ready' && !isTold) {
        isTold = true;
        assert.deepEqual(status.unready, {});
        sample.child.kill('SIGTERM');
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).state, 'stopped');
  assert.ok(states.has('starting') && states.has('ready'));
  assert.deepEqual(readdirSync(directory), ['status.json']);
});

test('a status file that cannot be written is told once and stops nothing', async () => {
  const sample = new Sample('serve', '/does/not/exist/status.json');
  await sample.line(/^service-state ready/);
  sample.child.kill('SIGTERM');
  assert.equal(await sample.status(), 0);
  assert.equal(sample.lines.filter((line) => line === 'status-file-failed').length, 1);
});
