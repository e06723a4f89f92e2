/** What a check of a value says. The reason names a rule and never holds anything of the value. */
export type ValueVerdict =
  | {
      readonly status: 'valid';
      /** RFC 3339: of a certificate, when it is no longer one. */
      readonly expiresAt?: string;
    }
  | { readonly status: 'invalid'; readonly reason: string };

export type CheckValue = (value: Uint8Array, nowMs: number) => ValueVerdict;

export const valid: ValueVerdict = Object.freeze({ status: 'valid' });
export const invalid = (reason: string): ValueVerdict => ({ status: 'invalid', reason });
