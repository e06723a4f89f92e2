/**
 * The log streams to a place that people agreed to, on a whole stack: the statement comes from the HSM over the real bus, and
 * what arrives is the log, octet for octet. What the owner of the log's database writes there leads it nowhere else.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalText, encodeBytes } from '@strongroom/canonical';
import type { OperationName, OperationRequest } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { leafHash, parseCheckpoint, rootHash } from '@strongroom/merkle';
import { readKeyFile, signVote } from '@strongroom/sealed';
import { done, eventually, startDeployment } from '../security/kit/deployment.ts';

interface Line {
  readonly index?: number;
  readonly leafHash?: string;
  readonly entry?: never;
  readonly checkpoint?: string;
}

test('what a quorum agreed to gets the whole log, until a quorum ends it', async (context) => {
  const { stack, operator, approver } = await startDeployment(context);
  const folder = join(stack.info.home, 'sinks');

  const guarded = async <Name extends OperationName>(name: Name, params: OperationRequest<Name>) => {
    const answer = await eventually(`${name} waits for its quorum`, 10_000, () =>
      // What a busy stack refuses is asked anew.
      operator
        .call(name, params)
        .catch((fault) => (isStrongroomError(fault) ? undefined : Promise.reject(fault))),
    );
    assert.ok(answer.status === 'pending');
    const { proposal, opHash } = answer.approval;
    for (const at of [0, 1]) {
      const key = await readKeyFile(stack.info.approverKeyFiles[at] ?? '');
      const votedAt = new Date().toISOString();
      const vote = signVote(key, { opHash, verdict: 'approve', comment: '', votedAt });
      await done(await approver(at), 'proposal.vote', { proposal, vote });
    }
    await eventually(`${name} is carried out`, 10_000, async () => {
      const { state } = await done(operator, 'proposal.show', { proposal });
      return state === 'executed' ? true : undefined;
    });
  };
  const read = async (): Promise<readonly Line[]> => {
    const text = await readFile(join(folder, 'copy.ndjson'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };

  const target = { kind: 'file', rotateBytes: 2 ** 30, filesMax: 1 } as const;
  await guarded('audit.sink-put', { name: 'copy', policy: 'two-of-three', from: 0, target });
  const first = await eventually('a checkpoint arrives', 20_000, async () => {
    const lines = await read();
    return lines.some(({ checkpoint }) => checkpoint !== undefined) ? lines : undefined;
  });

  await context.test('its lines hash to the root that the HSM signed', () => {
    const last = first.findLastIndex(({ checkpoint }) => checkpoint !== undefined);
    const [text] = (first[last]?.checkpoint ?? '').split('\n\n');
    const checkpoint = parseCheckpoint(`${text}\n`) ?? assert.fail();
    const hashes = first
      .slice(0, last)
      .filter(({ checkpoint: note }) => note === undefined)
      .map(({ entry, index, leafHash: told }, at) => {
        assert.equal(index, at);
        const hash = leafHash(Buffer.from(canonicalText(entry ?? assert.fail())));
        assert.equal(told, encodeBytes(hash));
        return hash;
      });
    assert.equal(hashes.length, checkpoint.size);
    assert.deepEqual(Buffer.from(rootHash(hashes)), Buffer.from(checkpoint.root));
  });

  await context.test('nobody changes it alone', async () => {
    assert.equal((await operator.call('audit.sink-remove', { name: 'copy' })).status, 'pending');
    assert.equal((await done(operator, 'audit.sink-list', {})).sinks.length, 1);
    assert.deepEqual(await readdir(folder), ['copy.ndjson']);
  });
});
