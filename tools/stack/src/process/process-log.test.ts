import assert from 'node:assert/strict';
import { appendFileSync, closeSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { beginLog, continueLog, lastLines } from './process-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-log-'));
after(() => rmSync(folder, { recursive: true }));

test('a new log keeps the one before, a continued log goes on', () => {
  const path = join(folder, 'a.log');
  for (const [open, text] of [
    [beginLog, 'first\n'],
    [beginLog, 'second\n'],
    [continueLog, 'third\n'],
  ] as const) {
    const file = open(path);
    writeSync(file, text);
    closeSync(file);
  }
  assert.deepEqual(lastLines(path), ['second', 'third']);
  assert.equal(readFileSync(`${path}.previous`, 'utf8'), 'first\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('the last lines are few, however long the log is', () => {
  const path = join(folder, 'b.log');
  assert.deepEqual(lastLines(path), []);
  for (let line = 0; line < 10_000; line += 1) appendFileSync(path, `line ${line}\n`);
  const lines = lastLines(path);
  assert.equal(lines.length, 20);
  assert.equal(lines.at(-1), 'line 9999');
});
