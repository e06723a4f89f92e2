/** What OCSF and CSV are made of is verified before it is written, and what a query proves before it is shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import { type AuditExportReply, newRequestId } from '@strongroom/contracts';
import { bodyOf, collect, makeTestExport, type TestExport } from '../../testing/test-export.ts';
import { exportLines } from '../export/export-lines.ts';
import type { Ask } from '../report/ask.ts';
import { proveQuery } from './prove-query.ts';

const log = makeTestExport();
const tampered = (reason: RegExp) => (fault: unknown) => {
  const { code, detail } = fault as { code?: string; detail?: string };
  assert.equal(code, 'record-tampered');
  assert.match(detail ?? '', reason);
  return true;
};

/** The lines that were written before it ended, and how it ended. */
async function written(change: (page: AuditExportReply, at: number) => AuditExportReply, filter = {}) {
  async function* pages() {
    let at = 0;
    for await (const page of log.pages({}, 5)) yield change(structuredClone(page), at++);
  }
  const lines: string[] = [];
  const ended = (async () => {
    const given = { filter, identity: log.identity };
    for await (const line of exportLines('ocsf', pages(), given)) lines.push(line);
  })();
  return { ended, lines };
}

/** The same with one octet of the third entry of the second page changed. */
function flipped(page: AuditExportReply, at: number): AuditExportReply {
  const third = page.entries[2];
  if (at !== 1 || third === undefined) return page;
  const bytes = decodeBytes(third.entry);
  const place = Buffer.from(bytes).indexOf('user:');
  bytes[place + 5] = (bytes[place + 5] ?? 0) ^ 1;
  return { ...page, entries: page.entries.with(2, { ...third, entry: encodeBytes(bytes) }) };
}

test('an entry that is not in the signed tree ends the export before anything of its page is written', async () => {
  const { ended, lines } = await written(flipped);
  await assert.rejects(ended, tampered(/entry 7: it is not in the signed tree/));
  assert.equal(lines.length, 5);
});

test('entries that nobody signed, that come twice or were not asked for, and a checkpoint of somebody else', async () => {
  const stranger = makeTestExport();
  const [own] = await collect(stranger.pages({}, 5));
  for (const [change, reason, filter] of [
    [(page) => ({ ...page, appends: [] }), /entry 0: the bundle lacks the append message/],
    [(page) => ({ ...page, entries: page.entries.flatMap((one) => [one, one]) }), /entry 0: /],
    [(page) => page, /entry 0: it was not asked for/, { actor: 'user:nobody' }],
    [(page) => ({ ...page, logKey: own?.logKey ?? page.logKey }), /log key is not certified/],
    [(page) => ({ ...page, checkpoint: own?.checkpoint ?? '' }), /not signed by the log key/],
  ] as readonly [(page: AuditExportReply) => AuditExportReply, RegExp, object?][])
    await assert.rejects((await written(change, filter)).ended, tampered(reason));
  const second = await written((page, at) =>
    at === 0 ? page : { ...page, checkpoint: own?.checkpoint ?? '' },
  );
  await assert.rejects(second.ended, { code: 'reply-invalid' });
});

/** A log with a roll call about alice at its end; `hidden` is left out of what it answers with. */
function asked(hidden: (at: number, of: number) => boolean) {
  const own: TestExport = makeTestExport();
  const requestId = newRequestId();
  const counts = { kind: 'actor', name: 'user:alice' } as const;
  own.append([bodyOf({ operation: 'audit.roll-call', objects: [], requestId, counts }, 'user:auditor')]);
  const filter = { anyOf: [{ actor: 'user:alice' }, { requestId }] };
  const ask = async (_: string, { after = '0' }: { after?: string }) => {
    const [whole] = await collect(own.pages(filter, own.entries.length));
    const all = (whole as AuditExportReply).entries.filter((__, at, { length }) => !hidden(at, length));
    const from = Number(after);
    const chosen = all.slice(from, from + 3);
    const appends = whole?.appends.filter(({ id }) => chosen.some(({ append }) => append === id)) ?? [];
    return {
      ...whole,
      entries: chosen,
      appends,
      ...(from + 3 < all.length ? { next: String(from + 3) } : {}),
    };
  };
  return proveQuery({ ask: ask as unknown as Ask, identity: own.identity }, filter, 2);
}

test('a question by an actor is answered with a proof that nothing is left out, not even the newest', async () => {
  const { result, newest } = await asked(() => false);
  assert.deepEqual([result.verdict, result.reasons], ['genuine', []]);
  assert.deepEqual(
    newest.map(({ entry }) => entry.body.actor.id),
    ['user:auditor', 'user:alice'],
  );
  for (const hide of [(at: number) => at === 1, (at: number, of: number) => at === of - 2]) {
    const hidden = await asked(hide);
    assert.equal(hidden.result.verdict, 'incomplete');
    assert.deepEqual(hidden.newest, [], 'nothing is shown of what is not whole');
  }
});
