/**
 * Domain separation: every hash that is signed or MACed starts with one of these and a zero octet, so that no
 * signature made for one purpose can be used for another.
 */
export const digestDomain = Object.freeze({
  operation: 'strongroom/operation/1',
  proof: 'strongroom/proof/1',
  sessionKey: 'strongroom/session-key/1',
  intent: 'strongroom/intent/1',
  intentMac: 'strongroom/intent-mac/1',
  vote: 'strongroom/vote/1',
  statement: 'strongroom/statement/1',
  keyBackup: 'strongroom/key-backup/1',
  append: 'strongroom/append/1',
  receipt: 'strongroom/receipt/1',
  certify: 'strongroom/certify/1',
  governanceRoot: 'strongroom/governance-root/1',
  policy: 'strongroom/policy/1',
  commitment: 'strongroom/commitment/1',
  kmsKeyId: 'strongroom/kms-key-id/1',
  registryPlace: 'strongroom/registry-place/1',
  registryValue: 'strongroom/registry-value/1',
  registryRecord: 'strongroom/registry-record/1',
  registryBucket: 'strongroom/registry-bucket/1',
  registryHead: 'strongroom/registry-head/1',
  registryHeadMac: 'strongroom/registry-head-mac/1',
  registryLook: 'strongroom/registry-look/1',
  outcomeKey: 'strongroom/outcome-key/1',
  outcome: 'strongroom/outcome/1',
});
