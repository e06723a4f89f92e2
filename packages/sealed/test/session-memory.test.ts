/** What a worker holds of each session: less than 1 KiB, for a workload with long names. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SecretBytes } from '@strongroom/secret';
import { ClientSession, decodeFrame, type SessionClaims, SessionTable, TicketBox } from '../src/index.ts';
import { Clock, content, Keyring, routing } from './parties.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const sessions = 2_000;
const bytesMax = 1_024;

function claimsOf(index: number): SessionClaims {
  const [cluster, namespace, account] = ['production-eu-west-1', 'payments-settlement', 'ledger-writer'];
  return {
    principal: `workload:${cluster}/${namespace}/${account}`,
    proof: 'workload-jwt',
    registrySequence: 1_000_000 + index,
    facts: {
      voucher: `cluster:${cluster}`,
      voucherVersion: '3',
      cluster,
      namespace,
      pod: `${account}-7d4b9cf5d8-${String(index).padStart(5, 'x')}`,
      node: `ip-10-0-${index % 250}-17.eu-west-1.compute.internal`,
    },
  };
}

/** Bytes on the heap and in the buffers beside it, after everything that can go has gone. */
async function bytesHeld(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    collect();
    // Buffers are given back by a task of their own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('a live session takes less than 1 KiB of a worker', async (t) => {
  const { now } = new Clock();
  const tickets = new TicketBox(new Keyring(), now);
  const frames = Array.from({ length: 2 * sessions }, (_, index) => {
    const secret = SecretBytes.copyOf(new Uint8Array(32).fill(index));
    const session = new ClientSession(secret, tickets.issue(secret, claimsOf(index)));
    return session.seal(routing(), content).frame;
  });
  const table = new SessionTable({ tickets, nowMs: now });
  const open = (from: number) => {
    for (let index = from; index < from + sessions; index += 1)
      table.open(decodeFrame(frames[index] ?? new Uint8Array()));
  };
  // The first half warms up; of the keys that busy sessions keep, as many are made as ever will be.
  open(0);
  const before = await bytesHeld();
  open(sessions);
  const bytes = (await bytesHeld()) - before;
  assert.equal(table.size, 2 * sessions);
  assert.equal(frames.length, 2 * sessions);
  t.diagnostic(`${Math.round(bytes / sessions)} bytes a session`);
  assert.ok(bytes / sessions < bytesMax, `${bytes / sessions} bytes`);
});
