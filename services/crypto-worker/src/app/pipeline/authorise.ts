/**
 * Step 3. Whether the operation may be done, as far as that does not depend on the object: it exists, is well formed, came
 * the way that its class goes, is in time, and is granted. No object is looked at, so a denial tells nothing about any.
 */
import { builtInRoles, decide, type Role } from '@strongroom/authorization';
import {
  findOperation,
  type OperationDescriptor,
  type OperationName,
  operationChecker,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { assertInLifetime } from '@strongroom/sealed';
import type { Caller } from '../../domain/caller.ts';
import type { Grant } from '../../domain/record.ts';
import { objectOf, type Params } from '../../domain/subject.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import type { PublishStep } from '../../ports/steps.ts';
import { makeCall } from '../make-call.ts';
import type { Holdings, UseCase, UseCases } from '../use-case.ts';
import type { Permit, Request } from './passage.ts';

export interface AuthoriseParts {
  readonly tenant: string;
  readonly pool: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly useCases: UseCases;
  readonly clock: Clock;
  readonly publish: PublishStep;
}

type Row = OperationDescriptor<OperationName>;

/** What a frame may hold beside the canonical operation object: header, proof, encryption. */
const envelopeBytesMax = 16_384;

export function makeAuthorise(parts: AuthoriseParts): (request: Request, caller: Caller) => Promise<Permit> {
  const { registry, useCases, publish } = parts;
  return async (request, caller) => {
    const row = requireWellFormed(request, parts);
    const holdings = await readHoldings(registry, caller.principal);
    const may = (group: string | undefined): boolean =>
      decide({
        principal: caller.principal,
        operation: row,
        ...(group === undefined ? {} : { group }),
        ...holdings,
      }).allowed;
    const useCase = useCases[row.name] as UseCase<OperationName>;
    const groups = useCase.groupsOf?.(request.params as never) ?? [
      objectOf(row.object, request.params).group,
    ];
    if (!groups.some(may)) throw new StrongroomError('denied');
    const permit: Permit = { request, row, caller, holdings, may };
    await useCase.permit?.(makeCall(permit, parts.clock));
    publish('authorised', request.requestId, row.name);
    return permit;
  };
}

function requireWellFormed(request: Request, { tenant, pool, clock }: AuthoriseParts): Row {
  const { routing, params, evidence } = request;
  const row = findOperation(request.operation) as Row | undefined;
  if (row === undefined) throw new StrongroomError('operation-unknown');
  if (routing === undefined) throw new TypeError('a proven request has a routing header');
  if (routing.class !== row.class) throw mismatch('class');
  if (routing.tenant !== tenant) throw mismatch('tenant');
  if (routing.pool !== pool) throw mismatch('pool');
  // What waited for approval has clocks of its own; `quorum` reads them.
  if (evidence.kind !== 'approval') {
    assertInLifetime(routing, clock.nowMs());
    if (request.bytes > row.requestBytesMax + envelopeBytesMax)
      throw new StrongroomError('message-too-large');
  }
  requireFitting(row.name, params);
  return row;
}

function requireFitting(name: OperationName, params: Params): void {
  const checker = operationChecker(name).request;
  if (!checker.check(params))
    throw new StrongroomError('request-invalid', { detail: checker.problemOf(params) });
}

const mismatch = (field: string): StrongroomError =>
  new StrongroomError('request-invalid', { detail: `routing: ${field}` });

const noGrants: readonly Grant[] = Object.freeze([]);

/** Grants and roles as the registry has them at this moment: what was revoked is gone at the next message. */
async function readHoldings(registry: Pick<Registry, 'read'>, principal: string): Promise<Holdings> {
  const record = await registry.read('grants', principal);
  const grants = record?.value.grants ?? noGrants;
  const own = new Map<string, Role>();
  for (const { role } of grants) {
    if (builtInRoles.has(role) || own.has(role)) continue;
    const found = await registry.read('role', role);
    if (found !== undefined) own.set(role, found.value);
  }
  return { grants, roleOf: (name) => builtInRoles.get(name) ?? own.get(name) };
}
