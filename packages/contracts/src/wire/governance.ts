/**
 * The governance root: who may operate at first, who may approve, which policies there are, and the key of the audit
 * service. Its hash and version are pinned in an HSM data object, so a database can not replace it.
 */
import { type Static, Type } from 'typebox';
import { Bytes32, closed, Name, PrincipalId, Signature, Version } from '../fields.ts';

const KeyHolder = closed({ principal: PrincipalId, publicKey: Bytes32 });
export type KeyHolder = Static<typeof KeyHolder>;

/** At least `threshold` of `approvers`; the requester never counts. */
export const QuorumPolicy = closed({
  name: Name,
  version: Version,
  threshold: Version,
  approvers: Type.Array(PrincipalId, { minItems: 1, maxItems: 64, uniqueItems: true }),
  pendingSeconds: Type.Integer({ minimum: 1, maximum: 1_209_600 }),
  executeWithinSeconds: Type.Integer({ minimum: 1, maximum: 1_209_600 }),
});
export type QuorumPolicy = Static<typeof QuorumPolicy>;

export const GovernanceRoot = closed({
  type: Type.Literal('strongroom.governance-root/1'),
  version: Version,
  /** Name of the deployment; origin of its log. */
  deployment: Name,
  tenant: Name,
  operators: Type.Array(KeyHolder, { minItems: 1, maxItems: 16 }),
  approvers: Type.Array(KeyHolder, { minItems: 1, maxItems: 64 }),
  auditService: Bytes32,
  policies: Type.Array(QuorumPolicy, { minItems: 1, maxItems: 64 }),
});
export type GovernanceRoot = Static<typeof GovernanceRoot>;

/**
 * Every operator and approver signs SHA-256("strongroom/governance-root/1" 0x00 canonical(root)): proof that each key
 * is live.
 */
export const SignedGovernanceRoot = closed({
  root: GovernanceRoot,
  signatures: Type.Array(closed({ principal: PrincipalId, signature: Signature }), {
    minItems: 2,
    maxItems: 80,
  }),
});
export type SignedGovernanceRoot = Static<typeof SignedGovernanceRoot>;
