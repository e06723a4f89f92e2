/** The four keys that a deployment is born with, made once and never repaired. */
import { equalBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { ed25519Point, platformKey } from '../../domain/platform-key.ts';
import type { Hsm } from '../../ports/hsm.ts';

export const deploymentKeys = [hsmLabel.identity, hsmLabel.log, hsmLabel.mac, hsmLabel.wrap] as const;

/** In an order that leaves the identity for last: no public key is out before all others are there. */
export async function createDeploymentKeys(hsm: Hsm): Promise<void> {
  await hsm.createKey(hsmLabel.mac, platformKey.mac);
  await hsm.createKey(hsmLabel.wrap, platformKey.wrapping);
  await hsm.createKey(hsmLabel.log, platformKey.signing);
  await hsm.createKey(hsmLabel.identity, platformKey.signing);
}

const sample = new TextEncoder().encode('strongroom ceremony');

/** Uses each key once, and has the token say that it keeps them (I1). Throws `hsm-inconsistent`. */
export async function proveDeploymentKeys(hsm: Hsm): Promise<void> {
  for (const label of deploymentKeys) {
    const { sensitive, extractable, alwaysSensitive, neverExtractable } = await hsm.keyAttributes(label);
    require(sensitive && alwaysSensitive && neverExtractable && !extractable, `${label} can leave the token`);
  }
  for (const label of [hsmLabel.identity, hsmLabel.log]) {
    const signature = await hsm.sign(label, sample);
    require(ed25519Verify(
      ed25519Point(await hsm.publicKey(label)),
      sample,
      signature,
    ), `${label} does not sign`);
  }
  const [mac, again] = [await hsm.mac(hsmLabel.mac, sample), await hsm.mac(hsmLabel.mac, sample)];
  require(mac.length === 32 && equalBytes(mac, again), `${hsmLabel.mac} does not MAC`);
  const wrapped = await hsm.makeDataKey(hsmLabel.wrap);
  const dataKey = { kind: 'data', wrappedBy: hsmLabel.wrap, wrapped } as const;
  const opened = await hsm.decrypt(dataKey, await hsm.encrypt(dataKey, sample, sample), sample);
  require(equalBytes(opened, sample), `${hsmLabel.wrap} does not wrap`);
}

function require(holds: boolean, what: string): void {
  if (!holds) throw new StrongroomError('hsm-inconsistent', { detail: what });
}
