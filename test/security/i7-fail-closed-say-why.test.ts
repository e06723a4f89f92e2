import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { test } from 'node:test';
import { type ErrorCode, errorCatalogue } from '@strongroom/errors';
import { codeOf, done, eventually, group, kms, seed, startDeployment } from './kit/deployment.ts';
import { callKms, runCli } from './kit/programs.ts';
import { openRest } from './kit/rest.ts';

const kinds = ['denied', 'approval-pending', 'absent', 'hsm-unavailable', 'outcome-unknown'] as const;

test('I7: denied, pending, absent, HSM down and an unknown outcome are told apart on every path', async (context) => {
  const { stack, operator, app } = await startDeployment(context);
  const { info } = stack;
  const rest = await openRest(info, context);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { apiKey } = await done(operator, 'principal.enrol', {
    principal: 'app:rest',
    credential: { kind: 'api-key', expiresAt },
  });
  for (const role of ['kms-provider', 'auditor']) {
    await done(operator, 'binding.create', {
      name: `rest-${role}`,
      principal: 'app:rest',
      role,
      scope: { kind: 'tenant' },
      effect: 'allow',
    });
  }
  // A role that may ask for a guarded rotation, but not for everything.
  await done(operator, 'role.create', {
    name: 'rotator',
    summary: 'Rotates keys.',
    privileges: ['key.rotate'],
  });
  await done(operator, 'binding.create', {
    name: 'rest-rotator',
    principal: 'app:rest',
    role: 'rotator',
    scope: { kind: 'tenant' },
    effect: 'allow',
  });
  const headers = { authorization: `Bearer ${apiKey}` };
  const overRest = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
    const answer = await rest({ method, path, headers, ...(body === undefined ? {} : { body }) });
    return {
      status: answer.status,
      code: String(answer.body['code'] ?? (answer.status === 202 ? 'approval-pending' : 'done')),
    };
  };
  const wrapBody = () => ({ ...kms, plaintext: seed() });
  const enrolPlugin = async () => {
    await done(operator, 'key.create', { group, name: 'kms', purpose: 'kek' });
    const { publicKey } = JSON.parse(await readFile(info.kmsPluginKeyFile, 'utf8')) as { publicKey: string };
    await done(operator, 'principal.enrol', {
      principal: 'plugin:kms-1',
      credential: { kind: 'key', publicKey },
    });
    await done(operator, 'binding.create', {
      name: 'plugin',
      principal: 'plugin:kms-1',
      role: 'kms-provider',
      scope: { kind: 'group', group },
      effect: 'allow',
    });
    await eventually('the plugin is healthy', 10_000, async () =>
      (await callKms(info.kmsSocket, 'Status')).answer['healthz'] === 'ok' ? true : undefined,
    );
  };
  await enrolPlugin();
  const encrypt = () =>
    callKms(info.kmsSocket, 'Encrypt', { plaintext: Buffer.alloc(32, 1), uid: randomUUID() });

  const seen = {
    rest: new Map<string, number>(),
    sealed: new Set<string>(),
    grpc: new Map<string, number>(),
    cli: new Map<string, number>(),
  };
  const expectRest = (answer: { status: number; code: string }, code: ErrorCode) => {
    assert.deepEqual(answer, { status: errorCatalogue[code].http, code });
    seen.rest.set(code, answer.status);
  };
  const expectSealed = (code: string, expected: ErrorCode) => {
    assert.equal(code, expected);
    seen.sealed.add(code);
  };
  const expectCli = (answer: { exit: number; code: string }, code: ErrorCode) => {
    assert.deepEqual({ exit: answer.exit, code: answer.code }, { exit: errorCatalogue[code].exit, code });
    seen.cli.set(code, answer.exit);
  };
  const expectGrpc = (answer: { status: number; details: string }, code: ErrorCode) => {
    assert.equal(answer.status, errorCatalogue[code].grpc, answer.details);
    assert.ok(answer.details.startsWith(`${code}:`), answer.details);
    seen.grpc.set(code, answer.status);
  };

  await context.test('denied', async () => {
    expectRest(await overRest('PUT', `/v1/keys/${group}/mine`, { purpose: 'kek' }), 'denied');
    expectSealed(await codeOf(done(app, 'key.create', { group, name: 'mine', purpose: 'kek' })), 'denied');
    // People never use keys: what the operator may not do in spite of every privilege.
    expectSealed(await codeOf(done(operator, 'kms.wrap', wrapBody())), 'denied');
    const approver = info.approverKeyFiles[0] ?? '';
    expectCli(
      await runCli(stack.profile, ['--key', approver, 'key', 'create', 'mine', '--purpose', 'kek']),
      'denied',
    );
  });
  await context.test('pending', async () => {
    expectRest(await overRest('POST', `/v1/keys/${group}/guarded/rotate`), 'approval-pending');
    const answer = await operator.call('key.rotate', { group, name: 'guarded' });
    assert.equal(answer.status, 'pending');
    seen.sealed.add('approval-pending');
    expectCli(await runCli(stack.profile, ['key', 'rotate', 'guarded']), 'approval-pending');
  });
  await context.test('absent', async () => {
    expectRest(await overRest('GET', `/v1/keys/${group}/nothing`), 'absent');
    expectSealed(await codeOf(done(operator, 'key.describe', { group, name: 'nothing' })), 'absent');
    expectCli(await runCli(stack.profile, ['key', 'describe', 'nothing']), 'absent');
  });
  await context.test('HSM down', async () => {
    await rename(info.hsm.tokenDirectory, `${info.hsm.tokenDirectory}.away`);
    expectRest(await overRest('POST', '/v1/kms/wrap', wrapBody()), 'hsm-unavailable');
    expectSealed(await codeOf(done(app, 'kms.wrap', wrapBody())), 'hsm-unavailable');
    expectGrpc(await encrypt(), 'hsm-unavailable');
    expectCli(await runCli(stack.profile, ['key', 'create', 'mine', '--purpose', 'kek']), 'hsm-unavailable');
    await rename(`${info.hsm.tokenDirectory}.away`, info.hsm.tokenDirectory);
    await eventually('recovery', 10_000, async () => {
      const codes = await Promise.all(
        Array.from({ length: 6 }, () => codeOf(done(app, 'kms.wrap', wrapBody()))),
      );
      return codes.every((code) => code === 'done') ? true : undefined;
    });
  });
  await context.test(
    'silent workers: a read did nothing, of a change nobody knows, a deadline is a deadline',
    async () => {
      // The gateway has the sealing keys then, so that what it is asked for gets as far as a worker.
      await overRest('POST', '/v1/kms/wrap', wrapBody());
      for (const worker of ['crypto-worker-1', 'crypto-worker-2'] as const) stack.signal(worker, 'SIGSTOP');
      const [late, read, overGrpc, plain, change, plainChange, command] = await Promise.all([
        codeOf(done(app, 'kms.wrap', wrapBody(), { deadlineMs: 300 })),
        codeOf(done(app, 'kms.wrap', wrapBody())),
        encrypt(),
        overRest('POST', '/v1/kms/wrap', wrapBody()),
        codeOf(operator.call('key.create', { group, name: 'silent', purpose: 'kek' })),
        overRest('POST', `/v1/keys/${group}/guarded/rotate`),
        runCli(stack.profile, ['key', 'create', 'late', '--purpose', 'kek']),
      ]);
      for (const worker of ['crypto-worker-1', 'crypto-worker-2'] as const) stack.signal(worker, 'SIGCONT');
      assert.equal(late, 'deadline-exceeded');
      expectSealed(read, 'hsm-unavailable');
      expectGrpc(overGrpc, 'hsm-unavailable');
      expectRest(plain, 'hsm-unavailable');
      expectSealed(change, 'outcome-unknown');
      expectRest(plainChange, 'outcome-unknown');
      // A command asks for the sealing keys first, so its change was not even sent: that too is said.
      assert.equal(command.code, 'hsm-unavailable');
    },
  );
  await context.test('denied and absent over gRPC, where nothing can wait for approval', async () => {
    await eventually('healthy again', 15_000, async () =>
      (await encrypt()).status === 0 ? true : undefined,
    );
    await done(operator, 'binding.delete', { name: 'plugin' });
    expectGrpc(
      await eventually('denied', 5_000, async () => {
        const answer = await encrypt();
        return answer.status === 0 ? undefined : answer;
      }),
      'denied',
    );
  });
  await context.test('five codes, each its own on each path', () => {
    assert.deepEqual([...seen.rest.keys()].sort(), [...kinds].sort());
    assert.equal(new Set(seen.rest.values()).size, kinds.length);
    assert.deepEqual([...seen.sealed].sort(), [...kinds].sort());
    assert.equal(new Set(seen.cli.values()).size, kinds.length - 1);
    assert.equal(new Set(seen.grpc.values()).size, seen.grpc.size);
    assert.equal(new Set(kinds.map((code) => errorCatalogue[code].grpc)).size, kinds.length);
  });
});
