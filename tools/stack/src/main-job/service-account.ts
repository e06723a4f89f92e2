/** Stands in for a cluster's token issuer: the same claims that kube-apiserver issues for a projected token. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly keys: readonly JWK[] };
  issue(account: {
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly pod: string;
  }): Promise<string>;
}

/** `expirationSeconds` of a projected token: 600 is the least that Kubernetes allows. */
const tokenSeconds = 600;

export async function makeTokenIssuer(issuer: string, audience: string): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' };
  const serviceAccountUid = randomUUID();
  return {
    issuer,
    audience,
    jwks: { keys: [jwk] },
    issue: ({ namespace, serviceAccount, pod }) => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({
        'kubernetes.io': {
          namespace,
          node: { name: 'node-1', uid: randomUUID() },
          pod: { name: pod, uid: randomUUID() },
          serviceaccount: { name: serviceAccount, uid: serviceAccountUid },
        },
      })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(issuer)
        .setAudience([audience])
        .setSubject(`system:serviceaccount:${namespace}:${serviceAccount}`)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + tokenSeconds)
        .sign(privateKey);
    },
  };
}
