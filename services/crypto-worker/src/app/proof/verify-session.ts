/**
 * Proof `session`: a person delegated to a key that their browser or command line made for one sign-in. The provider's ID token
 * names the hash of that key as its nonce, the passkey signs it as its challenge, and the key signs this one request. So who
 * copies the token, or carries the request, has nothing without the key; and the key is good for this person alone, no longer
 * than the token. Signing in gives a session and never an approval: votes are signed by keys of the governance root.
 */
import { CanonicalError, canonicalText, decodeBytes } from '@strongroom/canonical';
import type { ClusterKey, PasskeyAssertion, Proof } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { sessionKeyHash, verifyPasskeySignature, verifySignature } from '@strongroom/sealed';
import type { Caller } from '../../domain/caller.ts';
import { readSignIn } from '../../domain/id-claims.ts';
import { assertedBytes, problemOfAssertion } from '../../domain/passkey-assertion.ts';
import type { PrincipalRecord } from '../../domain/principal-record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { principalCaller, requireEnabled } from './principal-caller.ts';
import { ProofCache } from './proof-cache.ts';

type SessionProof = Extract<Proof, { kind: 'session' }>;
type Credential = Extract<PrincipalRecord['credential'], { kind: 'sso' }>;
type Provider = RegistryRecord<'sso-provider'>;

export interface VerifySessionParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly clock: Clock;
  readonly tokens: IssuedTokens;
}

interface Delegation {
  readonly expiresAtMs: number;
  readonly key: ClusterKey;
}

const rememberedMax = 1_024;

export function makeVerifySession(parts: VerifySessionParts) {
  const { registry, clock, tokens } = parts;
  const remembered = new ProofCache<Delegation>(rememberedMax);
  return async (proof: SessionProof, signed: Uint8Array): Promise<Caller> => {
    // The cheapest check comes first, and needs no record: who has no key learns nothing of anybody.
    if (!verifySignature(octets(proof.sessionKey), signed, octets(proof.signature)))
      throw invalid('signature');
    const record = await registry.read('principal', proof.principal);
    const credential = record?.value.credential;
    if (record === undefined || credential?.kind !== 'sso') throw unexplained();
    const provider = await registry.read('sso-provider', credential.provider);
    if (provider === undefined) throw unexplained();
    const { principal, sessionKey, idToken, assertion } = proof;
    const scope = `${principal}\0${provider.version}`;
    const shown = canonicalText({ sessionKey, idToken, ...(assertion === undefined ? {} : { assertion }) });
    const place = remembered.nameOf(scope, shown);
    const known = remembered.find(place, record.version, clock.nowMs());
    const isKnown = known !== undefined && (await tokens.isStillPublished(provider, known.key));
    const delegation = isKnown ? known : await verifyDelegation(parts, proof, credential, provider);
    if (!isKnown) remembered.keep(place, delegation, record.version, delegation.expiresAtMs);
    // Only now: before, it would tell anybody who is disabled.
    if (provider.value.state !== 'enabled')
      throw new StrongroomError('denied', { detail: 'the sign-on provider is disabled' });
    requireEnabled(record.value);
    return {
      ...principalCaller(record, 'session', delegation.expiresAtMs),
      provider: { id: provider.id, version: provider.version },
    };
  };
}

async function verifyDelegation(
  { clock, tokens }: VerifySessionParts,
  { idToken, sessionKey, assertion }: SessionProof,
  { subject, passkeys }: Credential,
  provider: Provider,
): Promise<Delegation> {
  const nonce = sessionKeyHash(octets(sessionKey));
  const { key, claims } = await readToken(tokens, idToken, provider);
  const verdict = readSignIn(claims, provider.value, { subject, nonce }, clock.nowMs());
  if (verdict.status === 'refused') throw new StrongroomError(verdict.code, { detail: verdict.reason });
  if (passkeys.length > 0) requirePasskey(assertion, passkeys, nonce, provider);
  return { expiresAtMs: verdict.expiresAtMs, key };
}

/** Until the provider's signature is verified, no refusal tells whether the principal is one of its people. */
async function readToken(tokens: IssuedTokens, idToken: string, provider: Provider) {
  try {
    const key = await tokens.keyOf(idToken, provider);
    return { key, claims: await tokens.claimsOf(idToken, key) };
  } catch (fault) {
    throw isStrongroomError(fault) && fault.code === 'proof-invalid' ? unexplained() : fault;
  }
}

function requirePasskey(
  assertion: PasskeyAssertion | undefined,
  passkeys: Credential['passkeys'],
  challenge: string,
  { value: { relyingParty } }: Provider,
): void {
  const passkey = passkeys.find(({ credentialId }) => credentialId === assertion?.credentialId);
  if (assertion === undefined || passkey === undefined || relyingParty === undefined)
    throw invalid('passkey');
  const asserted = {
    authenticatorData: octets(assertion.authenticatorData),
    clientDataJson: octets(assertion.clientDataJson),
  };
  const problem = problemOfAssertion(asserted, challenge, relyingParty);
  if (problem !== undefined) throw invalid(`passkey: ${problem}`);
  const signature = octets(assertion.signature);
  if (!verifyPasskeySignature(octets(passkey.publicKey), assertedBytes(asserted), signature))
    throw invalid('passkey: signature');
}

function octets(text: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch (fault) {
    if (fault instanceof CanonicalError) throw invalid('bytes that are not base64url');
    throw fault;
  }
}

const unexplained = (): StrongroomError => new StrongroomError('proof-invalid');
const invalid = (detail: string): StrongroomError => new StrongroomError('proof-invalid', { detail });
