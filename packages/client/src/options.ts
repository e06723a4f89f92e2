/** What a client is made with, checked before the first byte leaves. */
import { StrongroomError } from '@strongroom/errors';
import type { Credential } from './credential.ts';

export interface StrongroomOptions {
  /** `https://host:port`. */
  readonly gatewayUrl: string;
  /** PEM of the certificate authorities that may vouch for the gateway; no others are asked. */
  readonly ca: string | Uint8Array;
  /** `SHA256:` and 43 characters: the HSM identity key, received at enrolment. Everything hangs on it. */
  readonly identityFingerprint: string;
  readonly credential: Credential;
  /** Default `default`. */
  readonly pool?: string;
  /** Default `default`. */
  readonly tenant?: string;
  /** Default true. False seals and proves each message on its own: right for who asks once. */
  readonly useSession?: boolean;
  /** Connections to the gateway; default 64. */
  readonly connectionsMax?: number;
  /** Calls under way, above which a call is refused as `overloaded`; default 512, below the replay window of a session. */
  readonly pendingMax?: number;
  readonly nowMs?: () => number;
}

const fingerprintForm = /^SHA256:[A-Za-z0-9_-]{43}$/;
const pendingMaxDefault = 512;
const connectionsMaxDefault = 64;

/** Throws `configuration-invalid`. */
export function checkedOptions(options: StrongroomOptions): Required<StrongroomOptions> {
  const url = URL.parse(options.gatewayUrl);
  if (url?.protocol !== 'https:') throw invalid('gatewayUrl is not an https URL');
  if (!fingerprintForm.test(options.identityFingerprint))
    throw invalid('identityFingerprint is not a fingerprint');
  if (options.ca.length === 0) throw invalid('ca is empty');
  return {
    pool: 'default',
    tenant: 'default',
    useSession: true,
    connectionsMax: connectionsMaxDefault,
    pendingMax: pendingMaxDefault,
    nowMs: Date.now,
    ...options,
    gatewayUrl: url.origin,
  };
}

function invalid(detail: string): StrongroomError {
  return new StrongroomError('configuration-invalid', { detail });
}
