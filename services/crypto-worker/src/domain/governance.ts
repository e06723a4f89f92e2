/**
 * The governance root as a value: what must hold inside it beyond its schema, and the pin of it that the HSM keeps. The
 * pin is exact bytes, so a root of another version, or the same version with another roster, is never taken for it.
 */
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  digest,
  encodeBytes,
  equalBytes,
} from '@strongroom/canonical';
import { digestDomain, type GovernanceRoot, type SignedGovernanceRoot } from '@strongroom/contracts';

/** SHA-256("strongroom/governance-root/1" 0x00 canonical(root)); what every key holder signs. */
export function governanceHash(root: GovernanceRoot): Uint8Array {
  return digest(digestDomain.governanceRoot, root as unknown as CanonicalValue);
}

/** Value of the HSM's data object. */
export function governancePin(root: GovernanceRoot): Uint8Array {
  return canonicalBytes({ v: 1, version: root.version, hash: encodeBytes(governanceHash(root)) });
}

/** Whether the value of the HSM's data object pins exactly this root. */
export function isPinned({ root }: SignedGovernanceRoot, pin: Uint8Array): boolean {
  return equalBytes(governancePin(root), pin);
}

/**
 * What is wrong with a root that fits its schema; empty where nothing is. Whether its signatures verify is another
 * question (`verifyGovernanceRoot`).
 */
export function problemsOfGovernance(root: GovernanceRoot): readonly string[] {
  return [
    ...repeated('operator', principalsOf(root.operators)),
    ...repeated('approver', principalsOf(root.approvers)),
    ...keyProblems(root),
    ...repeated(
      'policy',
      root.policies.map(({ name }) => name),
    ),
    ...root.policies.flatMap((policy) => policyProblems(policy, principalsOf(root.approvers))),
  ];
}

type Holders = GovernanceRoot['operators'];

const principalsOf = (holders: Holders): readonly string[] => holders.map(({ principal }) => principal);

function repeated(what: string, names: readonly string[]): string[] {
  const again = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(again)].map((name) => `${what} ${name} is named twice`);
}

/**
 * One key, one principal: with two names on one key one person fills two seats of a quorum. And nobody holds the key of
 * the audit service, which has to stay able to bear witness against everybody.
 */
function keyProblems(root: GovernanceRoot): string[] {
  const holderOf = new Map<string, string>([[root.auditService, 'the audit service']]);
  const keyOf = new Map<string, string>();
  const problems = isKey(root.auditService) ? [] : ['the key of the audit service is not 32 bytes'];
  for (const { principal, publicKey } of [...root.operators, ...root.approvers]) {
    if (!isKey(publicKey)) problems.push(`the key of ${principal} is not 32 bytes`);
    const holder = holderOf.get(publicKey) ?? principal;
    if (holder !== principal) problems.push(`${principal} and ${holder} share a key`);
    holderOf.set(publicKey, holder);
    const known = keyOf.get(principal) ?? publicKey;
    if (known !== publicKey) problems.push(`${principal} has one key as operator and another as approver`);
    keyOf.set(principal, known);
  }
  return [...new Set(problems)];
}

function isKey(text: string): boolean {
  try {
    return decodeBytes(text).length === 32;
  } catch (error) {
    if (error instanceof CanonicalError) return false;
    throw error;
  }
}

/** A policy that can not be met would stop for good what it guards; one that needs nobody would guard nothing. */
function policyProblems(
  { name, threshold, approvers }: GovernanceRoot['policies'][number],
  known: readonly string[],
): string[] {
  const strangers = approvers.filter((approver) => !known.includes(approver));
  return [
    ...repeated(`in policy ${name} approver`, approvers),
    ...strangers.map((stranger) => `policy ${name} names ${stranger}, who is no approver`),
    ...(threshold > new Set(approvers).size
      ? [`policy ${name} needs ${threshold} of ${new Set(approvers).size}`]
      : []),
    ...(threshold < 1 ? [`policy ${name} needs nobody`] : []),
  ];
}
