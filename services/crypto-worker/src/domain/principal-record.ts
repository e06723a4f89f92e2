/** Who may ask, and how they prove that it is they. */
import type { Passkey, Standing } from '@strongroom/contracts';

export interface PrincipalRecord {
  readonly state: Standing;
  /**
   * 32 octets that go into every commitment to what the principal asked for. It is worth something only together with a
   * key of the HSM; once it is gone nobody can try values against the log any more. Absent: erased.
   */
  readonly commitmentSalt?: string;
  readonly erasedAt?: string;
  readonly credential:
    | { readonly kind: 'erased' }
    | { readonly kind: 'key'; readonly publicKey: string }
    /** HMAC of the secret half under an HSM-derived key. */
    | {
        readonly kind: 'api-key';
        readonly keyId: string;
        readonly secretMac: string;
        readonly expiresAt: string;
      }
    /** By the ID tokens of a provider, and by one of the passkeys where there are any. */
    | {
        readonly kind: 'sso';
        readonly provider: string;
        readonly subject: string;
        readonly passkeys: readonly Passkey[];
      };
  readonly createdAt: string;
}
