/** A pod's identity: a token of a cluster that was registered for the bench. */
import { randomBytes } from 'node:crypto';
import type { Credential } from '@strongroom/client';
import { makeTokenIssuer } from '@strongroom/stack';
import type { FullChain } from './full.ts';

const account = { namespace: 'bench', serviceAccount: 'api' };

export async function makeWorkload(
  prepare: FullChain['prepare'],
): Promise<{ readonly credential: Credential; readonly principal: string }> {
  const cluster = `bench-${randomBytes(4).toString('hex')}`;
  const { issuer, audience, jwks, issue } = await makeTokenIssuer(`https://${cluster}.example`, 'worker');
  const keys = jwks.keys.map(({ kty, n, e, kid, alg }) => ({ kty, n, e, kid, alg }));
  await prepare('cluster.register', { name: cluster, issuer, audience, keys });
  const token = await issue({ ...account, pod: 'api-1' });
  return {
    credential: { kind: 'workload-jwt', cluster, token: async () => token },
    principal: `workload:${cluster}/${account.namespace}/${account.serviceAccount}`,
  };
}
