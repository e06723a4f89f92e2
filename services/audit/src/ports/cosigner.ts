/** A witness that somebody else runs, as C2SP tlog-witness has it. */
export interface CosignRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** Signed note. */
  readonly note: string;
}

export type CosignAnswer =
  /** Lines that may be cosignatures; not verified yet. */
  | { readonly status: 'cosigned'; readonly lines: readonly string[] }
  /** It cosigned this size last. */
  | { readonly status: 'stale'; readonly size: number }
  | { readonly status: 'refused'; readonly reason: string };

export interface Cosigner {
  /** Of its key. */
  readonly name: string;
  readonly publicKey: Uint8Array;
  /** May be repeated. Rejects when there is no answer in time. */
  addCheckpoint(request: CosignRequest): Promise<CosignAnswer>;
}
