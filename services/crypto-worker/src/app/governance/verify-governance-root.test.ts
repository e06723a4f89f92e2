import { deepEqual, equal, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { generateKeyFile, signGovernanceRoot } from '@strongroom/sealed';
import { makeGovernance } from '../../../testing/governance-fixture.ts';
import { parseGovernanceFile, verifyGovernanceRoot } from './verify-governance-root.ts';

const invalid = (detail: RegExp) => (error: unknown) =>
  isStrongroomError(error) && error.code === 'configuration-invalid' && detail.test(error.detail ?? '');

describe('a signed governance root', () => {
  it('is sound when everybody in it signed it', () => {
    deepEqual(verifyGovernanceRoot(makeGovernance().signed), { kind: 'sound' });
  });

  it('is unsound when one signature is missing, foreign, of another or of an older root', () => {
    const { signed, operator, approvers } = makeGovernance();
    const { root, signatures } = signed;
    const stranger = generateKeyFile('user:eve');
    const impostor = generateKeyFile('user:ann');
    const offenders = [
      { root, signatures: signatures.slice(1) },
      { root, signatures: [...signatures, ...signGovernanceRoot(root, [stranger]).signatures] },
      { root, signatures: [...signatures, ...signatures.slice(0, 1)] },
      { root: { ...root, version: 2 }, signatures },
      { root: { ...root, approvers: root.approvers.slice(1) }, signatures },
      signGovernanceRoot(root, [operator, impostor, ...approvers.slice(1)]),
    ];
    for (const offender of offenders) equal(verifyGovernanceRoot(offender).kind, 'unsound');
  });

  it('is unsound when it is well signed and makes no sense', () => {
    const { signed, operator, approvers } = makeGovernance();
    const [policy] = signed.root.policies;
    const greedy = { ...signed.root, policies: [{ ...policy, threshold: 4 }] } as typeof signed.root;
    deepEqual(verifyGovernanceRoot(signGovernanceRoot(greedy, [operator, ...approvers])), {
      kind: 'unsound',
      problems: ['policy rotation needs 4 of 3'],
    });
  });
});

describe('the governance file', () => {
  it('is taken as it was written', () => {
    const { signed } = makeGovernance();
    deepEqual(parseGovernanceFile(JSON.stringify(signed, undefined, 2)), signed);
  });

  it('is refused with the reason', () => {
    const { signed } = makeGovernance();
    throws(() => parseGovernanceFile('{'), invalid(/is not JSON/));
    throws(() => parseGovernanceFile('{}'), invalid(/schema/));
    throws(() => parseGovernanceFile(JSON.stringify({ ...signed, extra: 1 })), invalid(/schema/));
    const unsigned = { ...signed, root: { ...signed.root, deployment: 'other' } };
    throws(() => parseGovernanceFile(JSON.stringify(unsigned)), invalid(/signed it/));
  });
});
