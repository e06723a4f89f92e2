/**
 * The birth of a deployment, once per token:
 *
 * 1. Write down in the token that a ceremony for this root begins.
 * 2. Make the keys and prove each of them.
 * 3. Pin the root: from here on the deployment exists.
 * 4. Destroy the note of 1.
 *
 * A crash before 3 leaves the note without a pin: nobody can have used the keys, so the next run with the same root makes
 * all of them anew. A crash before 4 leaves both: the next run clears the note. Anything else that is not whole is a
 * damaged or a wrong token, and is refused: a key that was "repaired" would be another identity, and data under the old
 * one lost.
 */
import { encodeBytes, equalBytes } from '@strongroom/canonical';
import type { SignedGovernanceRoot } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { identityFingerprint } from '@strongroom/sealed';
import { governancePin, isPinned } from '../../domain/governance.ts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { ed25519Point } from '../../domain/platform-key.ts';
import type { Hsm } from '../../ports/hsm.ts';
import { anchorLabels } from '../anchor/hsm-anchor.ts';
import {
  type CeremonyIntent,
  ceremonyLabel,
  readCeremonyIntent,
  requireHolding,
  writeCeremonyIntent,
} from './ceremony-intent.ts';
import { createDeploymentKeys, deploymentKeys, proveDeploymentKeys } from './deployment-keys.ts';

/** What everybody else is configured with. */
export interface DeploymentIdentity {
  /** What callers pin. */
  readonly identityFingerprint: string;
  /** Ed25519, 32 raw bytes as base64url. */
  readonly identity: string;
  readonly logKey: string;
}

/**
 * The same answer for the same root however often it is held. Throws `governance-tampered` for another root than the
 * token pins or than the interrupted ceremony was for; `hsm-inconsistent` for a token that is neither fresh nor whole;
 * `version-conflict` where two ceremonies meet.
 */
export async function holdCeremony(hsm: Hsm, signed: SignedGovernanceRoot): Promise<DeploymentIdentity> {
  const pin = await hsm.readData(hsmLabel.governance);
  const intent = await readCeremonyIntent(hsm);
  if (pin === undefined) {
    await giveBirth(hsm, signed, intent);
  } else {
    await acknowledge(hsm, signed, pin);
    if (intent !== undefined) await hsm.destroyKey(ceremonyLabel);
  }
  return identityOf(hsm);
}

async function acknowledge(hsm: Hsm, signed: SignedGovernanceRoot, pin: Uint8Array): Promise<void> {
  if (!isPinned(signed, pin)) {
    throw new StrongroomError('governance-tampered', { detail: 'the token pins another governance root' });
  }
  const present = await hsm.listKeys('strongroom/');
  const missing = deploymentKeys.filter((label) => !present.includes(label));
  if (missing.length > 0) throw damaged(`it pins this governance root and lacks ${missing.join(', ')}`);
}

async function giveBirth(
  hsm: Hsm,
  { root }: SignedGovernanceRoot,
  interrupted: CeremonyIntent | undefined,
): Promise<void> {
  const pin = governancePin(root);
  if (interrupted !== undefined && !equalBytes(interrupted.pin, pin)) {
    throw new StrongroomError('governance-tampered', {
      detail: 'a ceremony for another governance root was interrupted on this token',
    });
  }
  await refuseUsedToken(hsm, interrupted !== undefined);
  const intent = { pin, holder: await hsm.random(16) };
  await writeCeremonyIntent(hsm, intent);
  for (const label of deploymentKeys) await hsm.destroyKey(label);
  await createDeploymentKeys(hsm);
  await proveDeploymentKeys(hsm);
  await requireHolding(hsm, intent);
  await hsm.writeData(hsmLabel.governance, pin);
  await hsm.destroyKey(ceremonyLabel);
}

/** Fresh is: nothing of ours. After an interruption: nothing but what a ceremony makes. */
async function refuseUsedToken(hsm: Hsm, wasInterrupted: boolean): Promise<void> {
  const keys = await hsm.listKeys('strongroom/');
  const expected: readonly string[] = wasInterrupted ? deploymentKeys : [];
  const found = keys.filter((label) => !expected.includes(label));
  for (const label of anchorLabels) {
    if ((await hsm.readData(label)) !== undefined) found.push(label);
  }
  if (found.length === 0) return;
  throw damaged(`it pins no governance root and holds ${found.join(', ')}, so it is not fresh`);
}

function damaged(what: string): StrongroomError {
  return new StrongroomError('hsm-inconsistent', { detail: `${what}; nothing is made: restore the token` });
}

async function identityOf(hsm: Hsm): Promise<DeploymentIdentity> {
  const identity = ed25519Point(await hsm.publicKey(hsmLabel.identity));
  return {
    identityFingerprint: identityFingerprint(identity),
    identity: encodeBytes(identity),
    logKey: encodeBytes(ed25519Point(await hsm.publicKey(hsmLabel.log))),
  };
}
