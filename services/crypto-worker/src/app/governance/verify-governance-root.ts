/** Everything that must hold of a signed governance root before anything is built on it. */
import { checkers, type SignedGovernanceRoot } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { verifyGovernanceRoot as signaturesVerify } from '@strongroom/sealed';
import { problemsOfGovernance } from '../../domain/governance.ts';

export type GovernanceVerdict =
  | { readonly kind: 'sound' }
  | { readonly kind: 'unsound'; readonly problems: readonly string[] };

/** The value fits its schema already. */
export function verifyGovernanceRoot(signed: SignedGovernanceRoot): GovernanceVerdict {
  const problems = [...problemsOfGovernance(signed.root)];
  if (!signaturesVerify(signed)) {
    problems.push(
      'not exactly every operator and every approver has signed it with the key beside their name',
    );
  }
  return problems.length === 0 ? { kind: 'sound' } : { kind: 'unsound', problems };
}

/** From the text of the governance file. Throws `configuration-invalid` with every problem. */
export function parseGovernanceFile(text: string): SignedGovernanceRoot {
  const signed = parseJson(text);
  const checker = checkers.signedGovernanceRoot;
  if (!checker.check(signed)) throw invalid(`does not fit its schema at ${checker.problemOf(signed)}`);
  const verdict = verifyGovernanceRoot(signed);
  if (verdict.kind === 'unsound') throw invalid(verdict.problems.join('\n'));
  return signed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('is not JSON', cause);
  }
}

function invalid(what: string, cause?: unknown): StrongroomError {
  return new StrongroomError('configuration-invalid', { detail: `governance root: ${what}`, cause });
}
