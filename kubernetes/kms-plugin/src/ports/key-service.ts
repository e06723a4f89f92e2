/**
 * The KEK of this provider, somewhere behind the gateway. Every method throws a coded error; none touches the key
 * without a receipt in the log.
 */
export interface KeyService {
  describe(deadlineMs: number): Promise<{ readonly keyId: string; readonly version: number }>;
  wrap(
    keyId: string,
    plaintext: Uint8Array,
    deadlineMs: number,
  ): Promise<{ readonly keyId: string; readonly version: number; readonly ciphertext: Uint8Array }>;
  unwrap(keyId: string, ciphertext: Uint8Array, deadlineMs: number): Promise<Uint8Array>;
}
