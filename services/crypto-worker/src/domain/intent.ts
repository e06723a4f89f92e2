/**
 * The operation intent: the one thing that anybody approves. It names an exact operation on an exact state of an object
 * under an exact policy. Of parameters that approvers must not see it holds salted commitments; the salt is secret and
 * derives from the nonce, so that a worker can check them again and nobody else can guess a value by trying.
 */
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type {
  FieldClass,
  GovernanceRoot,
  IntentSubject,
  OperationIntent,
  QuorumPolicy,
} from '@strongroom/contracts';
import { policyReference } from './quorum.ts';
import type { Params } from './subject.ts';

export type Commit = (field: string, value: CanonicalValue) => string;

/** The longest plain field that an intent can show; a longer one is committed to. */
const plainCharactersMax = 4_096;

/** Every parameter appears: what approvers do not see is still bound by their signatures. */
export function intentFields(
  classes: Readonly<Record<string, FieldClass>>,
  params: Params,
  commit: Commit,
): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, given] of Object.entries(params)) {
    if (given === undefined) continue;
    const value = given as CanonicalValue;
    const plain = classes[name] === 'plain' ? canonicalText(value) : undefined;
    fields[name] = plain !== undefined && plain.length <= plainCharactersMax ? plain : commit(name, value);
  }
  return fields;
}

export type QuorumPolicies = readonly [QuorumPolicy, ...QuorumPolicy[]];

export interface IntentFacts {
  readonly tenant: string;
  readonly pool: string;
  readonly operation: string;
  readonly requestId: string;
  readonly requester: string;
  readonly subject: IntentSubject;
  /** The one that guards the object, and where it is to have another one, that. */
  readonly policies: QuorumPolicies;
  readonly root: GovernanceRoot;
  readonly fields: Readonly<Record<string, string>>;
  /** Base64url of 16 random bytes. */
  readonly nonce: string;
  readonly nowMs: number;
}

export function makeIntent(facts: IntentFacts): OperationIntent {
  const { policies, root, nowMs, fields, ...rest } = facts;
  const [policy, nextPolicy] = policies;
  const leastOf = (clock: 'pendingSeconds' | 'executeWithinSeconds'): number =>
    Math.min(...policies.map((each) => each[clock]));
  return {
    type: 'strongroom.intent/1',
    ...rest,
    fields: { ...fields },
    policy: policyReference(policy),
    ...(nextPolicy === undefined ? {} : { nextPolicy: policyReference(nextPolicy) }),
    rosterVersion: root.version,
    createdAt: new Date(nowMs).toISOString(),
    pendingUntil: new Date(nowMs + leastOf('pendingSeconds') * 1_000).toISOString(),
    executeWithinSeconds: leastOf('executeWithinSeconds'),
  };
}
