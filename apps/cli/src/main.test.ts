/** The tool as a process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));

test('a reader that has seen enough ends the tool without a word', async () => {
  const child = spawn(process.execPath, [entry, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let complaint = '';
  child.stderr.on('data', (bytes) => {
    complaint += String(bytes);
  });
  const [status] = await once(child, 'close');
  assert.deepEqual([status, complaint], [0, '']);
});
