import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes, decodeBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type Certificate,
  type ExecuteReply,
  newRequestId,
  type ProposeRequest,
  subjects,
  type Vote,
} from '@strongroom/contracts';
import { generateKeyFile, readKeyFile, signVote } from '@strongroom/sealed';
import pg from 'pg';
import { codeOf, done, eventually, group, startDeployment } from './kit/deployment.ts';

test('I6: only the signed votes of the roster, over exactly this operation, make it run', async (context) => {
  const deployment = await startDeployment(context);
  const { stack, operator } = deployment;
  const database = new pg.Client({ connectionString: stack.info.postgresUrl });
  await database.connect();
  const attacker = await deployment.bus('approvals');
  const keyFiles = await Promise.all(stack.info.approverKeyFiles.map(readKeyFile));

  const rotate = async (name = 'guarded') => {
    const answer = await operator.call('key.rotate', { group, name });
    assert.equal(answer.status, 'pending');
    return answer.status === 'pending' ? answer.approval : assert.fail();
  };
  const versionOf = async (name = 'guarded') =>
    (await done(operator, 'key.describe', { group, name })).currentVersion;
  const requestOf = async (id: string): Promise<ProposeRequest> => {
    const { rows } = await database.query<{ request: string }>(
      'SELECT request FROM approvals.proposal WHERE id = $1',
      [id],
    );
    return JSON.parse(rows[0]?.request ?? '') as ProposeRequest;
  };
  const vote = (at: number, opHash: string): Vote =>
    signVote(keyFiles[at] ?? assert.fail(), {
      opHash,
      verdict: 'approve',
      comment: '',
      votedAt: new Date().toISOString(),
    });
  const execute = async (
    id: string,
    votes: readonly Vote[],
    change: Partial<Certificate> = {},
    source = id,
  ): Promise<string> => {
    const { intent, intentMac, operation } = await requestOf(source);
    const certificate = { intent, intentMac, operation, votes: [...votes], ...change };
    const bytes = canonicalBytes({ proposal: id, certificate } as never);
    const work = attacker.request(subjects.execute('default'), bytes, { deadlineMs: 5_000 });
    const failed = await codeOf(work);
    if (failed !== 'done') return failed;
    const reply = parseCanonical(await work) as unknown as ExecuteReply;
    return reply.status === 'refused' ? reply.code : reply.status;
  };
  const refused = async (work: Promise<string>, what: string) => {
    assert.notEqual(await work, 'done', what);
    assert.equal(await versionOf(), 1, `${what}: the key is as it was`);
  };

  await context.test('tables edited to "approved" grant nothing', async () => {
    const { proposal } = await rotate();
    await database.query(
      `UPDATE approvals.proposal SET state = 'approved', decided_at = created_at WHERE id = $1`,
      [proposal],
    );
    await eventually('the service hands it over and is refused', 10_000, async () => {
      const { state } = await done(operator, 'proposal.show', { proposal });
      return state === 'failed' || state === 'expired' ? true : undefined;
    });
    assert.equal(await versionOf(), 1);
  });

  await context.test('forged, missing, doubled and foreign votes are no quorum', async () => {
    const { proposal, opHash } = await rotate();
    const good = vote(0, opHash);
    const stranger = signVote(
      { ...generateKeyFile(keyFiles[1]?.principal ?? '') },
      { opHash, verdict: 'approve', comment: '', votedAt: good.votedAt },
    );
    const byRequester = signVote(await readKeyFile(stack.info.operatorKeyFile), {
      opHash,
      verdict: 'approve',
      comment: '',
      votedAt: good.votedAt,
    });
    await refused(execute(proposal, []), 'no vote');
    await refused(execute(proposal, [good]), 'one vote');
    await refused(execute(proposal, [good, good]), 'one vote twice');
    await refused(execute(proposal, [good, stranger]), 'a vote by another key');
    await refused(execute(proposal, [good, byRequester]), 'the vote of the requester');
    await refused(
      execute(proposal, [good, { ...vote(1, opHash), comment: 'changed' }]),
      'a comment changed after signing',
    );
    await refused(
      execute(proposal, [good, { ...vote(1, opHash), approver: keyFiles[2]?.principal ?? '' }]),
      'a vote under another name',
    );
  });

  await context.test('votes for one object are none for another', async () => {
    await done(operator, 'key.create', { group, name: 'other', purpose: 'kek', policy: 'two-of-three' });
    const { proposal: first, opHash } = await rotate('other');
    const votes = [vote(0, opHash), vote(1, opHash)];
    const { proposal: second } = await rotate();
    await refused(execute(second, votes), 'votes of another proposal');
    const stolen = await requestOf(first);
    await refused(
      execute(second, votes, { intent: stolen.intent, intentMac: stolen.intentMac }),
      'intent of another proposal',
    );
    const changed = Buffer.from(decodeBytes(stolen.intent)).toString().replace('"other"', '"guard"');
    await refused(
      execute(first, votes, { intent: encodeBytes(Buffer.from(changed)) }),
      'an intent that no worker made',
    );
  });

  await context.test('a proposal that nobody asked a worker for is worth nothing', async () => {
    const { proposal, opHash } = await rotate();
    const votes = [vote(0, opHash), vote(1, opHash)];
    await refused(execute(newRequestId(), votes, { operation: 'AAAA' }, proposal), 'an invented operation');
    await refused(
      execute(newRequestId(), votes, { intentMac: 'A'.repeat(43) }, proposal),
      'an intent without its MAC',
    );
  });

  await context.test('an edited roster is refused', async () => {
    const { proposal, opHash } = await rotate();
    const eve = generateKeyFile(keyFiles[1]?.principal ?? '');
    const { rowCount } = await database.query(
      `UPDATE registry.record SET value = convert_to(replace(convert_from(value, 'UTF8'), $1, $2), 'UTF8') WHERE kind = 'governance'`,
      [keyFiles[1]?.publicKey, eve.publicKey],
    );
    assert.equal(rowCount, 1, 'the roster was edited');
    for (const worker of ['crypto-worker-1', 'crypto-worker-2'] as const)
      await stack.restart(worker).catch(() => undefined);
    const forged = signVote(eve, {
      opHash,
      verdict: 'approve',
      comment: '',
      votedAt: new Date().toISOString(),
    });
    assert.notEqual(await execute(proposal, [vote(0, opHash), forged]), 'done');
    await database.query(
      `UPDATE registry.record SET value = convert_to(replace(convert_from(value, 'UTF8'), $1, $2), 'UTF8') WHERE kind = 'governance'`,
      [eve.publicKey, keyFiles[1]?.publicKey],
    );
    for (const worker of ['crypto-worker-1', 'crypto-worker-2'] as const) await stack.restart(worker);
    assert.equal(await versionOf(), 1);
  });

  await context.test('the real votes of two approvers make it run, once', async () => {
    const { proposal, opHash } = await rotate();
    for (const at of [0, 2]) {
      const approver = await deployment.approver(at);
      await done(approver, 'proposal.vote', { proposal, vote: vote(at, opHash) });
    }
    await eventually('the rotation', 10_000, async () => ((await versionOf()) === 2 ? true : undefined));
    await execute(proposal, [vote(0, opHash), vote(2, opHash)]);
    assert.equal(await versionOf(), 2, 'a second execution changes nothing');
  });
  await database.end();
});
