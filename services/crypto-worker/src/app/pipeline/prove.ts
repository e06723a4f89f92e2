/**
 * Step 2. Who asks. Every kind of evidence ends in the same question, asked of the registry as it is now: does the record
 * that vouches for the caller still do so? That is how a principal that was disabled is stopped at its next message,
 * whatever session it holds.
 */
import type { Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { proofDigest } from '@strongroom/sealed';
import { type Caller, callerFromFacts } from '../../domain/caller.ts';
import type { Registry } from '../../ports/registry.ts';
import type { PublishStep } from '../../ports/steps.ts';
import { requireEnabled } from '../proof/principal-caller.ts';
import type { Request } from './passage.ts';

type ProofOf<Kind extends Proof['kind']> = Extract<Proof, { kind: Kind }>;

export interface ProveParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly verifyKey: (proof: ProofOf<'key'>, signed: Uint8Array) => Promise<Caller>;
  readonly verifyApiKey: (proof: ProofOf<'api-key'>) => Promise<Caller>;
  readonly verifyWorkloadToken: (proof: ProofOf<'workload-jwt'>) => Promise<Caller>;
  readonly verifySession: (proof: ProofOf<'session'>, signed: Uint8Array) => Promise<Caller>;
  readonly publish: PublishStep;
}

export function makeProve(parts: ProveParts): (request: Request) => Promise<Caller> {
  return async (request) => {
    const caller = await salted(parts.registry, await callerOf(parts, request));
    parts.publish('proved', request.requestId, request.operation);
    return caller;
  };
}

/** Workloads have no record of their own, and are nobody whom a law would let be forgotten. */
async function salted(registry: Pick<Registry, 'read'>, caller: Caller): Promise<Caller> {
  const { kind, id } = caller.voucher;
  const record = kind === 'principal' ? await registry.read('principal', id) : undefined;
  const commitmentSalt = record?.value.commitmentSalt;
  return commitmentSalt === undefined ? caller : { ...caller, commitmentSalt };
}

async function callerOf(parts: ProveParts, { evidence, requestHash }: Request): Promise<Caller> {
  switch (evidence.kind) {
    case 'session': {
      const { principal, proof, facts = {} } = evidence.session.claims;
      const caller = callerFromFacts(principal, proof, facts);
      if (caller === undefined) throw new StrongroomError('session-ended');
      await requireVouched(parts.registry, caller, 'session-ended');
      return caller;
    }
    case 'proof': {
      const { proof, opensSession } = evidence;
      if (proof === undefined) throw new StrongroomError('proof-missing');
      return verifyProof(parts, proof, proofDigest(requestHash, opensSession));
    }
    case 'approval':
      await requireVouched(parts.registry, evidence.caller, 'denied');
      return evidence.caller;
    case 'none':
      throw evidence.fault;
  }
}

function verifyProof(parts: ProveParts, proof: Proof, signed: Uint8Array): Promise<Caller> {
  switch (proof.kind) {
    case 'key':
      return parts.verifyKey(proof, signed);
    case 'api-key':
      return parts.verifyApiKey(proof);
    case 'workload-jwt':
      return parts.verifyWorkloadToken(proof);
    case 'session':
      return parts.verifySession(proof, signed);
  }
}

/** A record at another version may hold another key: what was verified by the one before no longer counts. */
async function requireVouched(
  registry: Pick<Registry, 'read'>,
  { voucher: { kind, id, version }, provider }: Caller,
  code: 'session-ended' | 'denied',
): Promise<void> {
  if (
    provider !== undefined &&
    (await registry.read('sso-provider', provider.id))?.version !== provider.version
  )
    throw new StrongroomError(code, { detail: 'the record of the sign-on provider changed' });
  if (kind === 'principal') {
    const record = await registry.read('principal', id);
    if (record !== undefined) requireEnabled(record.value);
    if (record?.version === version) return;
  } else if ((await registry.read('cluster', id))?.version === version) return;
  throw new StrongroomError(code, { detail: 'the record of the caller changed' });
}
