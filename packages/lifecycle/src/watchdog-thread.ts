/** The thread of the watchdog. It uses nothing that needs the watched thread, not even to write a line. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { cell, type WatchedMemory } from './watched-memory.ts';

const { memory, pid, tickMs } = workerData as WatchedMemory;
const cells = new Int32Array(memory);
const standardError = 2;
/** Should a library have taken SIGALRM for itself. */
const killAfterMs = 250;

let lastBeat = Atomics.load(cells, cell.beats);
let silentTicks = 0;

const timer = setInterval(() => {
  const beat = Atomics.load(cells, cell.beats);
  silentTicks = beat === lastBeat ? silentTicks + 1 : 0;
  lastBeat = beat;
  const isHung = silentTicks >= Atomics.load(cells, cell.patience);
  if (isHung || Atomics.load(cells, cell.verdict) !== 0) end(isHung);
}, tickMs);

function end(isHung: boolean): void {
  clearInterval(timer);
  const reason = isHung ? 'the event loop stands still' : 'a call on another thread does not return';
  const line = { level: 'fatal', time: new Date().toISOString(), event: 'watchdog-ended-process', reason };
  try {
    writeSync(standardError, `${JSON.stringify(line)}\n`);
  } catch {
    // A full pipe must not keep the process alive.
  }
  process.kill(pid, 'SIGALRM');
  setTimeout(() => process.kill(pid, 'SIGKILL'), killAfterMs);
}
