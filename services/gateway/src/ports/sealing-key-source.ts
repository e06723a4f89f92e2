/** The sealing key in force, verified against the deployment's pinned identity. */
export interface SealingKey {
  readonly epoch: number;
  readonly keyId: number;
  /** 32 raw bytes, X25519. */
  readonly publicKey: Uint8Array;
}

export interface SealingKeySource {
  /** Throws `worker-unavailable`, `bus-unavailable`, or `identity-mismatch` when no key carries the identity's signature. */
  current(): Promise<SealingKey>;
  /** To be told of an answer that refused the key. What it says of other keys is verified like what is fetched. */
  replace(refused: SealingKey, answer: Uint8Array): void;
}
