/**
 * What a REST caller shows: `Authorization: Bearer sr_<id>_<secret>` for an API key, `Authorization: Bearer <JWT>`
 * with `Strongroom-Cluster: <name>` for a workload. The gateway passes it on inside the sealed message.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

const bearer = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/;

export function readRestProof(headers: IncomingHttpHeaders): Proof | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const token = bearer.exec(authorization)?.[1];
  if (token === undefined) throw new StrongroomError('proof-invalid', { detail: 'authorization' });
  if (token.startsWith('sr_')) return { kind: 'api-key', key: token };
  const cluster = headers['strongroom-cluster'];
  if (typeof cluster !== 'string')
    throw new StrongroomError('proof-invalid', { detail: 'strongroom-cluster' });
  return { kind: 'workload-jwt', cluster, token };
}
