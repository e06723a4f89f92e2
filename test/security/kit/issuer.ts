/** A cluster that issues service-account tokens as kube-apiserver does, to register with a stack. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { OperationRequest } from '@strongroom/contracts';

const audience = 'strongroom.worker';

export class Issuer {
  readonly registration: OperationRequest<'cluster.register'>;
  readonly #privateKey: KeyObject;

  constructor(name: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#privateKey = privateKey;
    this.registration = {
      name,
      issuer: `https://kubernetes.${name}.svc`,
      audience,
      keys: [{ kty: 'EC', kid: 'key-1', alg: 'ES256', crv: 'P-256', x, y }],
    };
  }

  principal(namespace: string, account: string): string {
    return `workload:${this.registration.name}/${namespace}/${account}`;
  }

  token(namespace: string, account: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: this.registration.issuer,
      sub: `system:serviceaccount:${namespace}:${account}`,
      aud: [audience],
      exp: now + 3_600,
      iat: now,
      nbf: now,
      'kubernetes.io': {
        namespace,
        node: { name: 'node-1', uid: '11111111-1111-4111-8111-111111111111' },
        pod: { name: `${account}-0`, uid: '22222222-2222-4222-8222-222222222222' },
        serviceaccount: { name: account, uid: '33333333-3333-4333-8333-333333333333' },
      },
    };
    const text = [{ alg: 'ES256', kid: 'key-1' }, claims].map(part).join('.');
    const key = { key: this.#privateKey, dsaEncoding: 'ieee-p1363' as const };
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
