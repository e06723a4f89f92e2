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
} from '@strongroom/contracts';
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
    const sealed = await sealRequest({ key: await sealingKeys.current(), routing, message });
    const answer = await routeEnvelope(routing, sealed.frame);
    return sealed.openReply(answer);
  };
}
