/** Whatever bytes reach a worker: a coded refusal that is logged, never an effect, a crash or a hang. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanonical } from '@strongroom/canonical';
import { errorCatalogue, isErrorCode } from '@strongroom/errors';
import { decodeFrame, decodeRefusal, frameKind } from '@strongroom/sealed';
import fc from 'fast-check';
import { WorkerScene } from '../../testing/worker-scene.ts';

const list = { group: 'default', limit: 1 };

async function refusedCode(scene: WorkerScene, bytes: Uint8Array): Promise<string> {
  const answer = await scene.worker.handle('frame', bytes);
  assert.ok(answer !== 'killed');
  const frame = decodeFrame(answer);
  assert.equal(frame.kind, frameKind.refusal);
  return decodeRefusal(frame).code;
}

test('random bytes, as a frame and as a certificate', async () => {
  const scene = await WorkerScene.set();
  const head = (kind: number) => Buffer.from([1, kind, 0, 2, 0x7b, 0x7d]);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 100 }).map((body) => Buffer.concat([head(1), body])),
    fc.uint8Array({ maxLength: 100 }).map((body) => Buffer.concat([head(2), body])),
    fc.json().map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (each) => {
      const code = await refusedCode(scene, each);
      assert.ok(isErrorCode(code) && code !== 'internal', code);
      const reply = parseCanonical((await scene.worker.handle('approved', each)) as Uint8Array) as {
        code: string;
      };
      assert.ok(Object.hasOwn(errorCatalogue, reply.code) && reply.code !== 'internal', reply.code);
    }),
    { numRuns: 200 },
  );
});

test('a sealed message with any one octet changed', async () => {
  const scene = await WorkerScene.set();
  const { frame } = await scene.alice.seal(scene.worker, 'key.create', {
    ...list,
    name: 'k',
    purpose: 'kek',
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = Uint8Array.from(frame);
      changed[at] = (changed[at] ?? 0) ^ mask;
      const code = await refusedCode(scene, changed);
      assert.ok(
        ['message-malformed', 'message-too-large', 'sealing-key-unknown', 'session-ended'].includes(code),
        code,
      );
    }),
    { numRuns: 150 },
  );
  assert.deepEqual(await scene.deployment.registry.list('key', { prefix: '', limit: 1 }), []);
});

test('a message of a session with any one octet changed', async () => {
  const scene = await WorkerScene.set();
  await scene.alice.call(scene.worker, 'key.list', list, { openSession: true });
  const { frame, openReply } = scene.alice.sealInSession(scene.worker, 'key.list', list);
  await fc.assert(
    fc.asyncProperty(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = Uint8Array.from(frame);
      changed[at] = (changed[at] ?? 0) ^ mask;
      const code = await refusedCode(scene, changed);
      assert.ok(
        ['message-malformed', 'message-too-large', 'session-ended', 'sealing-key-unknown'].includes(code),
        code,
      );
    }),
    { numRuns: 150 },
  );
  const answer = await scene.worker.handle('frame', frame);
  assert.ok(answer !== 'killed');
  assert.equal(openReply(answer).status, 'done', 'none of them used the counter up');
});

test('any parameters of any operation by somebody who may do everything', async () => {
  const scene = await WorkerScene.set();
  const text = fc.oneof(
    fc.constantFrom('default', 'kek', 'AA', '__proto__', ''),
    fc.string({ maxLength: 20 }),
  );
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(text, text, { maxKeys: 3 }),
  );
  const field = fc.constantFrom(
    'group',
    'name',
    'key',
    'limit',
    'after',
    'principal',
    'secrets',
    'filter',
    'vote',
    'value',
    'kind',
    'keys',
  );
  const operations = fc.constantFrom(
    'key.create',
    'key.list',
    'secret.write',
    'secret.read-many',
    'principal.enrol',
    'cluster.register',
    'proposal.vote',
    'binding.create',
    'audit.query',
    'system.status',
    'nothing',
    '',
  );
  await fc.assert(
    fc.asyncProperty(operations, fc.dictionary(field, value, { maxKeys: 5 }), async (operation, params) => {
      const { frame, open } = await scene.alice
        .seal(scene.worker, operation, params)
        .catch(() => ({ frame: undefined, open: undefined }));
      if (frame === undefined) return;
      const answer = await open(await scene.worker.handle('frame', frame));
      const code = answer.status === 'refused' ? answer.error.code : answer.status;
      assert.notEqual(code, 'internal');
    }),
    { numRuns: 200 },
  );
  assert.deepEqual(
    scene.worker.reports.filter(({ event }) => event === 'operation-failed'),
    [],
  );
});
