import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GovernanceRoot } from '@strongroom/contracts';
import { signGovernanceRoot, verifyGovernanceRoot } from './governance-root.ts';
import { generateKeyFile, type KeyFile } from './key-file.ts';

const [alice, bob, carol, eve] = ['alice', 'bob', 'carol', 'eve'].map((name) =>
  generateKeyFile(`user:${name}`),
);
assert.ok(alice && bob && carol && eve);
const holder = ({ principal, publicKey }: KeyFile) => ({ principal, publicKey });

const root: GovernanceRoot = {
  type: 'strongroom.governance-root/1',
  version: 1,
  deployment: 'test',
  tenant: 'default',
  operators: [holder(alice)],
  approvers: [holder(bob), holder(carol)],
  auditService: alice.publicKey,
  policies: [
    {
      name: 'quorum',
      version: 1,
      threshold: 2,
      approvers: ['user:bob', 'user:carol'],
      pendingSeconds: 60,
      executeWithinSeconds: 60,
    },
  ],
};

test('a root that all its keys signed is taken', () => {
  assert.ok(verifyGovernanceRoot(signGovernanceRoot(root, [alice, bob, carol])));
});

test('a missing, foreign, doubled or exchanged signature is refused', () => {
  const good = signGovernanceRoot(root, [alice, bob, carol]);
  const [first, second, third] = good.signatures;
  assert.ok(first && second && third);
  const impostor = { ...eve, principal: 'user:bob' };
  for (const signed of [
    signGovernanceRoot(root, [alice, bob]),
    signGovernanceRoot(root, [alice, bob, carol, eve]),
    signGovernanceRoot(root, [alice, impostor, carol]),
    { ...good, signatures: [first, second, third, third] },
    { ...good, signatures: [first, { ...second, signature: third.signature }, third] },
    { ...good, signatures: [first, { ...second, signature: '*' }, third] },
  ]) {
    assert.ok(!verifyGovernanceRoot(signed));
  }
});

test('a root that was changed after it was signed is refused', () => {
  const good = signGovernanceRoot(root, [alice, bob, carol]);
  assert.ok(!verifyGovernanceRoot({ ...good, root: { ...root, version: 2 } }));
  assert.ok(!verifyGovernanceRoot({ ...good, root: { ...root, auditService: eve.publicKey } }));
});
