/** Ed25519 verification away from the event loop: it takes about 200 us, once for each append message. */
export interface SignatureCheck {
  /** False for every key and signature that is not one; never rejects. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}
