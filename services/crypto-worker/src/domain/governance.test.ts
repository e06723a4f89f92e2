import { deepEqual, equal } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { GovernanceRoot } from '@strongroom/contracts';
import { governanceHash, governancePin, isPinned, problemsOfGovernance } from './governance.ts';

const key = () => randomBytes(32).toString('base64url');
const policy = (change: Partial<GovernanceRoot['policies'][number]> = {}) => ({
  name: 'rotate',
  version: 1,
  threshold: 2,
  approvers: ['user:ann', 'user:bob', 'user:cid'],
  pendingSeconds: 86_400,
  executeWithinSeconds: 3_600,
  ...change,
});
const root: GovernanceRoot = {
  type: 'strongroom.governance-root/1',
  version: 1,
  deployment: 'test',
  tenant: 'default',
  operators: [{ principal: 'user:ops', publicKey: key() }],
  approvers: ['user:ann', 'user:bob', 'user:cid'].map((principal) => ({ principal, publicKey: key() })),
  auditService: key(),
  policies: [policy()],
};
const operator = root.operators[0] as GovernanceRoot['operators'][number];
const ann = root.approvers[0] as GovernanceRoot['approvers'][number];
const problems = (change: Partial<GovernanceRoot>) => problemsOfGovernance({ ...root, ...change });

describe('a governance root', () => {
  it('is sound when everybody has one key, and every policy can be met by known approvers', () => {
    deepEqual(problems({}), []);
    deepEqual(problems({ policies: [policy({ threshold: 3 })] }), []);
    deepEqual(
      problems({ operators: [operator, ann] }),
      [],
      'an operator may be an approver, with the same key',
    );
  });

  it('has no policy that can not be met, needs nobody, or names a stranger', () => {
    deepEqual(problems({ policies: [policy({ threshold: 4 })] }), ['policy rotate needs 4 of 3']);
    deepEqual(problems({ policies: [policy({ threshold: 0 })] }), ['policy rotate needs nobody']);
    deepEqual(problems({ policies: [policy({ approvers: ['user:ann', 'user:eve'] })] }), [
      'policy rotate names user:eve, who is no approver',
    ]);
    deepEqual(problems({ policies: [policy({ approvers: ['user:ann', 'user:ann'] })] }), [
      'in policy rotate approver user:ann is named twice',
      'policy rotate needs 2 of 1',
    ]);
    deepEqual(problems({ policies: [policy(), policy()] }), ['policy rotate is named twice']);
  });

  it('gives nobody two seats', () => {
    const twin = { principal: 'user:dan', publicKey: ann.publicKey };
    deepEqual(problems({ approvers: [...root.approvers, twin] }), ['user:dan and user:ann share a key']);
    deepEqual(problems({ operators: [{ ...operator, publicKey: ann.publicKey }] }), [
      'user:ann and user:ops share a key',
    ]);
    deepEqual(problems({ approvers: [...root.approvers, ann] }), ['approver user:ann is named twice']);
    deepEqual(problems({ operators: [operator, { ...ann, publicKey: key() }] }), [
      'user:ann has one key as operator and another as approver',
    ]);
  });

  it('keeps the key of the audit service apart', () => {
    deepEqual(problems({ auditService: ann.publicKey }), ['user:ann and the audit service share a key']);
  });

  it('has keys of 32 bytes in their one encoding', () => {
    // The last character carries four bits that decode to nothing and must be zero.
    const padded = `${key().slice(0, 42)}B`;
    deepEqual(problems({ auditService: padded }), ['the key of the audit service is not 32 bytes']);
    deepEqual(problems({ operators: [{ ...operator, publicKey: padded }] }), [
      'the key of user:ops is not 32 bytes',
    ]);
  });
});

describe('the pin of a governance root', () => {
  it('fits that root and no other', () => {
    const signed = { root, signatures: [] };
    equal(isPinned(signed, governancePin(root)), true);
    for (const change of [{ version: 2 }, { tenant: 'other' }, { policies: [policy({ threshold: 1 })] }]) {
      equal(isPinned({ root: { ...root, ...change }, signatures: [] }, governancePin(root)), false);
    }
    equal(isPinned(signed, new Uint8Array(0)), false);
    equal(isPinned(signed, governanceHash(root)), false);
  });

  it('does not depend on the order in which members were written', () => {
    const reordered = Object.fromEntries(Object.entries(root).reverse()) as unknown as GovernanceRoot;
    deepEqual(Buffer.from(governancePin(reordered)), Buffer.from(governancePin(root)));
  });
});
