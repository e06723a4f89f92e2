/** A message of a session costs no public-key operation: none in this process, and no call to the HSM. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const list = { group: 'default', limit: 1 };
const messages = 50;

type Call = (...args: unknown[]) => unknown;

/** Everything of Node.js that works with a key pair. What is imported by name is counted, too. */
const publicKeyCalls = [
  'sign',
  'verify',
  'diffieHellman',
  'createECDH',
  'createPublicKey',
  'createPrivateKey',
  'generateKeyPair',
  'generateKeyPairSync',
  'publicEncrypt',
  'privateDecrypt',
] as const;
const subtleCalls = ['sign', 'verify', 'deriveBits', 'deriveKey', 'generateKey', 'importKey'] as const;

function countCalls(t: TestContext): readonly string[] {
  const seen: string[] = [];
  const count = (owner: object, name: string) => {
    const calls = owner as Record<string, Call>;
    const original = calls[name] as Call;
    calls[name] = function counted(this: unknown, ...args: unknown[]) {
      seen.push(name);
      return original.apply(this, args);
    };
    t.after(() => {
      calls[name] = original;
      syncBuiltinESMExports();
    });
  };
  for (const name of publicKeyCalls) count(crypto, name);
  for (const name of subtleCalls) count(crypto.webcrypto.subtle, name);
  syncBuiltinESMExports();
  return seen;
}

/** Names of the methods of the HSM that are called. */
function countHsm(scene: WorkerScene): readonly string[] {
  const seen: string[] = [];
  const hsm = scene.deployment.hsm as unknown as Record<string, Call>;
  for (const name of ['sign', 'mac', 'encrypt', 'decrypt', 'publicKey', 'random', 'readData', 'hasKey']) {
    const original = hsm[name] as Call;
    hsm[name] = (...args) => {
      seen.push(name);
      return original.apply(hsm, args);
    };
  }
  return seen;
}

test('fifty messages of a session need no public-key operation and nothing of the HSM', async (t) => {
  const scene = await WorkerScene.set();
  const { alice, worker } = scene;
  await alice.call(worker, 'key.list', list, { openSession: true });
  const sealed = Array.from({ length: messages }, () => alice.sealInSession(worker, 'key.list', list));
  const [calls, hsmCalls] = [countCalls(t), countHsm(scene)];
  for (const { frame, openReply } of sealed) {
    const answer = await worker.handle('frame', frame);
    assert.ok(answer !== 'killed');
    assert.equal(openReply(answer).status, 'done');
  }
  assert.deepEqual([calls, hsmCalls], [[], []]);

  // The same counters see what a message without a session costs.
  assert.equal(codeOf(await alice.call(worker, 'key.list', list)), 'done');
  for (const name of ['diffieHellman', 'verify']) assert.ok(calls.includes(name), `${name} is counted`);
});
