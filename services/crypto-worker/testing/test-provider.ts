/** A provider of single sign-on, and people with passkeys who sign in with it. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { ClusterKey, Passkey, PasskeyAssertion } from '@strongroom/contracts';
import { type SigningAlgorithm, sessionKeyHash, signingSchemes } from '@strongroom/sealed';
import { SignJWT } from 'jose';
import { KeyHolder } from './key-holder.ts';

type Claims = Readonly<Record<string, unknown>>;

export class TestProvider {
  readonly relyingParty = { id: 'strongroom.example', origin: 'https://strongroom.example' };
  readonly issuer = 'https://login.example';
  readonly clientId = 'strongroom';
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  get keys(): ClusterKey[] {
    const { x = '', y = '' } = this.#pair.publicKey.export({ format: 'jwk' });
    return [{ kty: 'EC', kid: 'key-1', alg: 'ES256', crv: 'P-256', x, y }];
  }

  get registration() {
    const { issuer, clientId, keys, relyingParty } = this;
    return { name: 'corp', issuer, clientId, keys, relyingParty };
  }

  idToken(
    nowMs: number,
    subject: string,
    nonce: string,
    claims: Claims = {},
    key?: KeyObject,
  ): Promise<string> {
    const now = Math.floor(nowMs / 1_000);
    const said = { iss: this.issuer, aud: this.clientId, sub: subject, nonce, iat: now, exp: now + 3_600 };
    return new SignJWT({ ...said, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1' })
      .sign(key ?? this.#pair.privateKey);
  }
}

export interface AssertionChange {
  readonly clientData?: Claims;
  readonly rpId?: string;
  readonly flags?: number;
}

const userVerifiedAndPresent = 5;

export class TestPasskey {
  readonly credentialId = encodeBytes(Buffer.from('credential-1'));
  readonly #privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  get enrolment(): Passkey {
    const raw = signingSchemes['ecdsa-p256'].rawPublicKey(this.#privateKey);
    return { credentialId: this.credentialId, publicKey: encodeBytes(raw) };
  }

  /** As a browser and an authenticator make it together. */
  assert(challenge: string, { relyingParty }: TestProvider, change: AssertionChange = {}): PasskeyAssertion {
    const { clientData = {}, rpId = relyingParty.id, flags = userVerifiedAndPresent } = change;
    const said = { type: 'webauthn.get', challenge, origin: relyingParty.origin, crossOrigin: false };
    const clientDataJson = Buffer.from(JSON.stringify({ ...said, ...clientData }));
    const authenticatorData = Buffer.concat([sha256(rpId), Buffer.of(flags), Buffer.alloc(4)]);
    const signature = sign(
      'sha256',
      Buffer.concat([authenticatorData, sha256(clientDataJson)]),
      this.#privateKey,
    );
    return {
      credentialId: this.credentialId,
      authenticatorData: encodeBytes(authenticatorData),
      clientDataJson: encodeBytes(clientDataJson),
      signature: encodeBytes(signature),
    };
  }
}

/** A person with the session key of one sign-in, and what spoke for it. */
export class SignedIn {
  readonly key: KeyHolder;
  idToken = '';
  assertion: PasskeyAssertion | undefined;

  constructor(principal: string, algorithm: SigningAlgorithm = 'ecdsa-p256') {
    this.key = new KeyHolder(principal, algorithm);
  }

  get hash(): string {
    return sessionKeyHash(decodeBytes(this.key.publicKey));
  }
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
