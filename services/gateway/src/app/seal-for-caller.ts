/**
 * The plain path: a REST request becomes the same operation object as everywhere else (I10), sealed by the gateway for
 * the caller. Who chooses this path lets the gateway see the request; the worker still decides.
 */
import {
  describeOperation,
  type OperationName,
  type Proof,
  type ReplyMessage,
  requestLifetimeMsMax,
  silentWorkerCode,
} from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { sealRequest } from '@strongroom/sealed';
import type { SealingKeySource } from '../ports/sealing-key-source.ts';
import type { makeRouteEnvelope } from './route-envelope.ts';

export interface PlainRequest {
  readonly operation: OperationName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly proof: Proof | undefined;
  readonly requestId: string;
}

export interface SealForCallerParts {
  readonly sealingKeys: SealingKeySource;
  readonly routeEnvelope: ReturnType<typeof makeRouteEnvelope>;
  readonly pool: string;
  readonly tenant: string;
  readonly nowMs: () => number;
}

export function makeSealForCaller({ sealingKeys, routeEnvelope, pool, tenant, nowMs }: SealForCallerParts) {
  return async ({ operation, params, proof, requestId }: PlainRequest): Promise<ReplyMessage> => {
    const row = describeOperation(operation);
    const lifetimeMs = Math.min(row.deadlineMs, requestLifetimeMsMax);
    const routing = {
      v: 1 as const,
      pool,
      tenant,
      class: row.class,
      requestId,
      notAfter: new Date(nowMs() + lifetimeMs).toISOString(),
    };
    const message = { routing, operation, params, ...(proof === undefined ? {} : { proof }) };
    const attempt = async (): Promise<ReplyMessage> => {
      const key = await sealingKeys.current();
      const sealed = await sealRequest({ key, routing, message });
      const answer = await routeEnvelope(routing, sealed.frame);
      try {
        return await sealed.openReply(answer);
      } catch (fault) {
        if (isRefusedKey(fault)) sealingKeys.replace(key, answer);
        throw fault;
      }
    };
    // Nothing was opened, so nothing was done: the caller, who does not seal, need not hear of it unless it happens twice.
    return attempt()
      .catch((fault: unknown) => {
        if (!isRefusedKey(fault)) throw fault;
        return attempt();
      })
      .catch((fault: unknown) => {
        throw isSilence(fault) ? new StrongroomError(silentWorkerCode(row), { cause: fault }) : fault;
      });
  };
}

const isSilence = (fault: unknown): boolean => isStrongroomError(fault) && fault.code === 'worker-silent';

const isRefusedKey = (fault: unknown): boolean =>
  isStrongroomError(fault) && fault.code === 'sealing-key-unknown';
