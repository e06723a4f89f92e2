/**
 * Labels of everything that the platform keeps on a token. A label is built here and never taken from a message. The
 * label of a key version ends with the request id of the operation that made it: unique for ever, so an orphan of a
 * crash can be told from the key that a repetition made, and is never mistaken for it.
 */
export const hsmLabel = Object.freeze({
  /** Ed25519; its fingerprint is the identity of the deployment. */
  identity: 'strongroom/identity',
  /** Ed25519; signs checkpoints of the log. */
  log: 'strongroom/log',
  /** HMAC-SHA256; every software key of the workers derives from it. */
  mac: 'strongroom/mac',
  /** AES; wraps data keys. */
  wrap: 'strongroom/wrap',
  /** RSA; unwraps keys that are brought in. */
  importKey: 'strongroom/import',
  sealing: (epoch: number) => `strongroom/sealing/${epoch}`,
  keyVersion: (keyId: string, version: number, requestId: string) =>
    `strongroom/key/${keyId}/${version}/${requestId}`,
  /** KEK of a group: a key version like others, whose key is the group. */
  groupKek: (group: string, version: number, requestId: string) =>
    `strongroom/key/group-${group}/${version}/${requestId}`,
  keyPrefix: 'strongroom/key/',
  /** Data object: hash and version of the governance root. */
  governance: 'strongroom/governance',
});

/** Whether the label is of a key version that this request made. */
export function isMadeBy(label: string, requestId: string): boolean {
  return label.startsWith(hsmLabel.keyPrefix) && label.endsWith(`/${requestId}`);
}
