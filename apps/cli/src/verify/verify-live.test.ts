/** The running log against what was kept of it, with a log that answers as the audit service does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditExportRequest } from '@strongroom/contracts';
import { bodyOf, collect, makeTestExport, TestExport } from '../../testing/test-export.ts';
import type { Ask } from '../report/ask.ts';
import { verifyLive } from './verify-live.ts';

function live(log: TestExport) {
  const ask = async (_: string, { filter, limit, first = 0 }: AuditExportRequest) => {
    const [page] = await collect(log.pages(filter, log.entries.length));
    return { ...page, entries: page?.entries.slice(first, first + limit) };
  };
  return { ask: ask as unknown as Ask, identity: log.identity };
}

const trust = (log: TestExport) => ({ identityFingerprint: log.fingerprint });
const verdictOf = async (...given: Parameters<typeof verifyLive>) =>
  (await verifyLive(...given)).continuity.verdict;

test('the first time the log is believed, from then on it has to go on', async () => {
  const log = makeTestExport();
  let { continuity, keep } = await verifyLive(live(log), undefined, trust(log));
  assert.equal(continuity.verdict, 'consistent');
  const requestId = log.entries.at(-1)?.entry.body.requestId as string;
  // The request that the last one belongs to goes on: it is the index that counts.
  log.append(Array.from({ length: 5 }, () => bodyOf({ requestId })));
  for (let round = 0; round < 3; round += 1) {
    const size = log.entries.length;
    ({ continuity, keep } = await verifyLive(live(log), keep, trust(log)));
    assert.deepEqual([continuity.verdict, continuity.newer?.size], ['consistent', size]);
    log.append([bodyOf({ requestId }), bodyOf()]);
  }
});

test('a log that was written anew is a fork, a shorter one is refused, and neither is kept', async () => {
  const log = makeTestExport();
  const { keep } = await verifyLive(live(log), undefined, trust(log));
  const other = new TestExport();
  const { identityKey, logKeyPair, workerKeys } = log;
  Object.assign(other, { identityKey, logKeyPair, workerKeys });
  other.append(Array.from({ length: log.entries.length - 1 }, () => bodyOf()));
  assert.equal(await verdictOf(live(other), keep, trust(log)), 'refused');
  other.append(Array.from({ length: 9 }, () => bodyOf()));
  const anew = await verifyLive(live(other), keep, trust(log));
  assert.deepEqual([anew.continuity.verdict, anew.keep], ['fork', undefined]);
  assert.equal(anew.continuity.older?.size, log.entries.length);
});

test('a log that withholds the entry, or another log, proves nothing', async () => {
  const log = makeTestExport();
  const { keep } = await verifyLive(live(log), undefined, trust(log));
  log.append([bodyOf()]);
  const { ask, identity } = live(log);
  const withheld: Ask = async (operation, params) => {
    const answer = await ask(operation, params);
    return operation === 'audit.export' ? { ...answer, entries: [] } : answer;
  };
  assert.equal(await verdictOf({ ask: withheld, identity }, keep, trust(log)), 'unproven');
  const stranger = makeTestExport();
  assert.equal(await verdictOf(live(stranger), keep, trust(log)), 'refused');
  assert.equal(await verdictOf(live(log), '{}', trust(log)), 'refused');
});
