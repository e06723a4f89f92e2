/** A cluster that issues service-account tokens as kube-apiserver does. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { ClusterKey } from '@strongroom/contracts';
import { SignJWT } from 'jose';

export interface TokenChange {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject | Uint8Array;
}

export class TestCluster {
  readonly name: string;
  readonly issuer: string;
  readonly audience = 'strongroom.worker';
  readonly algorithm: 'RS256' | 'ES256';
  readonly #pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

  constructor(name: string, algorithm: 'RS256' | 'ES256' = 'ES256') {
    this.name = name;
    this.issuer = `https://kubernetes.${name}.svc`;
    this.algorithm = algorithm;
    this.#pair =
      algorithm === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  get keys(): ClusterKey[] {
    const { kty: _, ...jwk } = this.#pair.publicKey.export({ format: 'jwk' });
    const kid = 'key-1';
    return [
      this.algorithm === 'RS256'
        ? ({ kty: 'RSA', kid, alg: 'RS256', ...jwk } as ClusterKey)
        : ({ kty: 'EC', kid, alg: 'ES256', ...jwk } as ClusterKey),
    ];
  }

  get privateKey(): KeyObject {
    return this.#pair.privateKey;
  }

  get publicKey(): KeyObject {
    return this.#pair.publicKey;
  }

  get registration() {
    const { name, issuer, audience, keys } = this;
    return { name, issuer, audience, keys };
  }

  claims(nowMs: number, namespace = 'shop', account = 'web') {
    const now = Math.floor(nowMs / 1_000);
    return {
      iss: this.issuer,
      sub: `system:serviceaccount:${namespace}:${account}`,
      aud: [this.audience],
      exp: now + 3_600,
      iat: now,
      nbf: now,
      jti: '00000000-0000-4000-8000-000000000000',
      'kubernetes.io': {
        namespace,
        node: { name: 'node-1', uid: '11111111-1111-4111-8111-111111111111' },
        pod: { name: 'web-7d4b9-x2x9z', uid: '22222222-2222-4222-8222-222222222222' },
        serviceaccount: { name: account, uid: '33333333-3333-4333-8333-333333333333' },
      },
    };
  }

  token(nowMs: number, { claims = {}, header = {}, key }: TokenChange = {}): Promise<string> {
    return new SignJWT({ ...this.claims(nowMs), ...claims })
      .setProtectedHeader({ alg: this.algorithm, kid: 'key-1', ...header })
      .sign(key ?? this.#pair.privateKey);
  }
}
