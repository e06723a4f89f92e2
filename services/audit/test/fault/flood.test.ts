/**
 * Ten times as much as the writer may hold comes at once, wave after wave. What is too much is refused without having been
 * queued, what was acknowledged is in the log, the process does not grow, and it is well afterwards.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { findFreePort } from '@strongroom/testing';
import { queueEntriesMax } from '../../src/app/log-writer.ts';
import { AuditHost, until } from '../../testing/audit-host.ts';
import { bodyOf } from '../../testing/test-deployment.ts';

const rounds = 8;
const roundMs = 1_500;
const entriesOfMessage = 64;
const callers = (10 * queueEntriesMax) / entriesOfMessage;
/** All rounds together bring more than this. */
const residentBytesMax = 512 * 1_048_576;

let host: AuditHost;
before(async () => {
  host = await AuditHost.start();
});
after(() => host.stop());

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

type Times = Map<string, number[]>;

/** Every caller sends its message again as soon as it is refused, and a new one once it is acknowledged. */
async function flood(): Promise<Times> {
  const times: Times = new Map([['done', []]]);
  const first = Array.from({ length: callers }, message);
  const endMs = performance.now() + roundMs;
  const caller = async (sendFirst: () => Promise<void>) => {
    let send = sendFirst;
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const code = await send().then(() => 'done', codeOf);
      times.set(code, [...(times.get(code) ?? []), performance.now() - startedMs]);
      if (code === 'done') send = message();
    }
  };
  await Promise.all(first.map(caller));
  return times;
}

const message = () => host.prepare(Array.from({ length: entriesOfMessage }, () => bodyOf()));

function codeOf(fault: unknown): string {
  if (!isStrongroomError(fault)) throw fault;
  return fault.code;
}

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[values.length >> 1];

test('ten times what fits is refused, not kept', async (t) => {
  const port = await findFreePort();
  const writer = host.startProcess({ MANAGEMENT_PORT: String(port) });
  await until(writer.isReady, 'the process writes');
  const queued = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^strongroom_log_queued_entries(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1]);
  };
  const sizes: number[] = [];
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    const times = await flood();
    const told = [...times].map(([code, ms]) => `${ms.length} ${code} ${Math.round(median(ms) ?? 0)} ms`);
    sizes.push(await residentBytes(writer.child.pid as number));
    t.diagnostic(`${told.join(', ')}; ${Math.round((sizes.at(-1) ?? 0) / 1_048_576)} MiB`);
    refused += times.get('overloaded')?.length ?? 0;
  }
  assert.ok(refused > callers, `${refused} were refused`);
  assert.ok(Math.max(...sizes) < residentBytesMax, `resident: ${sizes}`);
  await host.appendUntilDone();
  assert.equal(await queued(), 0);
  await host.check();
});
