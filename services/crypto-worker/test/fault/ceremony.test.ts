import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryHsm, type MemoryHsmFault } from '@strongroom/testing';
import { ceremonyLabel } from '../../src/app/ceremony/ceremony-intent.ts';
import { deploymentKeys } from '../../src/app/ceremony/deployment-keys.ts';
import { holdCeremony } from '../../src/app/ceremony/hold-ceremony.ts';
import { governancePin } from '../../src/domain/governance.ts';
import { hsmLabel } from '../../src/domain/hsm-label.ts';
import { ed25519Point, platformKey } from '../../src/domain/platform-key.ts';
import type { Hsm } from '../../src/ports/hsm.ts';
import { makeGovernance } from '../../testing/governance-fixture.ts';
import { refusedWith } from '../../testing/refused-with.ts';

const { signed } = makeGovernance();
const another = makeGovernance().signed;

type Method = Parameters<MemoryHsm['failNext']>[0];

/** The HSM, whose call number `step` fails; every call that could change something or answer is a step. */
function failingAt(hsm: MemoryHsm, step: number, fault: MemoryHsmFault): { hsm: Hsm; steps: () => number } {
  let steps = 0;
  const proxy = new Proxy(hsm, {
    get(target, method) {
      const run = target[method as keyof MemoryHsm] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        steps += 1;
        if (steps === step) target.failNext(method as Method, fault);
        return run.apply(target, args);
      };
    },
  });
  return { hsm: proxy as unknown as Hsm, steps: () => steps };
}

async function isWhole(hsm: MemoryHsm): Promise<void> {
  deepEqual(await hsm.listKeys(''), [...deploymentKeys].sort());
  deepEqual(
    Buffer.from((await hsm.readData(hsmLabel.governance)) ?? []),
    Buffer.from(governancePin(signed.root)),
  );
  equal(await hsm.readData(ceremonyLabel), undefined);
}

describe('the ceremony', () => {
  it('makes the four keys, pins the root, and answers the same however often it is held', async () => {
    const hsm = new MemoryHsm();
    const born = await holdCeremony(hsm, signed);
    await isWhole(hsm);
    equal(
      born.identity,
      Buffer.from(ed25519Point(await hsm.publicKey(hsmLabel.identity))).toString('base64url'),
    );
    equal(born.logKey, Buffer.from(ed25519Point(await hsm.publicKey(hsmLabel.log))).toString('base64url'));
    ok(/^SHA256:[A-Za-z0-9_-]{43}$/.test(born.identityFingerprint));
    deepEqual(await holdCeremony(hsm, signed), born);
    await isWhole(hsm);
  });

  it('refuses another root, and the token stays as it is', async () => {
    const hsm = new MemoryHsm();
    const born = await holdCeremony(hsm, signed);
    const newer = { ...signed, root: { ...signed.root, version: 2 } };
    await rejects(holdCeremony(hsm, another), refusedWith('governance-tampered'));
    await rejects(holdCeremony(hsm, newer), refusedWith('governance-tampered'));
    deepEqual(await holdCeremony(hsm, signed), born);
  });

  it('is whole after an interruption at any step, before or after its effect, and one more run', async () => {
    const { hsm: counted, steps } = failingAt(new MemoryHsm(), 0, 'not-applied');
    await holdCeremony(counted, signed);
    ok(steps() > 20);
    for (const fault of ['not-applied', 'reply-lost'] as const) {
      for (let step = 1; step <= steps(); step += 1) {
        const token = new MemoryHsm();
        await rejects(holdCeremony(failingAt(token, step, fault).hsm, signed), `${fault} at ${step}`);
        const born = await holdCeremony(token, signed);
        await isWhole(token);
        deepEqual(await holdCeremony(token, signed), born);
      }
    }
  });

  it('that was interrupted is not taken over for another root', async () => {
    for (let step = 8; step <= 20; step += 1) {
      const token = new MemoryHsm();
      await rejects(holdCeremony(failingAt(token, step, 'not-applied').hsm, signed));
      const wasBegun = (await token.readData(ceremonyLabel)) !== undefined;
      if (wasBegun) await rejects(holdCeremony(token, another), refusedWith('governance-tampered'));
      await holdCeremony(token, signed);
      await isWhole(token);
    }
  });

  it('never repairs: a pinned token that lost a key is refused and left alone', async () => {
    for (const label of deploymentKeys) {
      const hsm = new MemoryHsm();
      await holdCeremony(hsm, signed);
      await hsm.destroyKey(label);
      await rejects(holdCeremony(hsm, signed), (error: Error & { detail?: string }) => {
        refusedWith('hsm-inconsistent')(error);
        return error.detail?.includes(label) === true;
      });
      equal(await hsm.hasKey(label), false);
    }
  });

  it('refuses a token that holds something of ours and no pin', async () => {
    const makers: ((hsm: MemoryHsm) => Promise<unknown>)[] = [
      (hsm) => hsm.createKey(hsmLabel.identity, platformKey.signing),
      (hsm) => hsm.createKey(hsmLabel.mac, platformKey.mac),
      (hsm) => hsm.createKey('strongroom/sealing/1', platformKey.encryption),
      (hsm) => hsm.writeData('strongroom/anchor/0', new Uint8Array(8)),
    ];
    for (const make of makers) {
      const hsm = new MemoryHsm();
      await make(hsm);
      const before = await hsm.listKeys('');
      await rejects(holdCeremony(hsm, signed), refusedWith('hsm-inconsistent'));
      deepEqual(await hsm.listKeys(''), before);
    }
  });

  it('refuses a token whose note can not be read', async () => {
    const hsm = new MemoryHsm();
    await hsm.writeData(ceremonyLabel, new TextEncoder().encode('{"v":2}'));
    await rejects(holdCeremony(hsm, signed), refusedWith('hsm-inconsistent'));
    deepEqual(await hsm.listKeys(''), []);
  });

  it('does not destroy keys that were used, whatever note lies beside them', async () => {
    const token = new MemoryHsm();
    await rejects(holdCeremony(failingAt(token, 20, 'not-applied').hsm, signed));
    ok((await token.readData(ceremonyLabel)) !== undefined);
    await token.createKey('strongroom/key/1/1/x', platformKey.encryption);
    const before = await token.listKeys('');
    await rejects(holdCeremony(token, signed), refusedWith('hsm-inconsistent'));
    deepEqual(await token.listKeys(''), before);
  });

  it('minds its own business on a token that others use too', async () => {
    const hsm = new MemoryHsm();
    await hsm.createKey('another-application', platformKey.encryption);
    await holdCeremony(hsm, signed);
    equal(await hsm.hasKey('another-application'), true);
  });

  it('gives way when another run has taken over', async () => {
    const token = new MemoryHsm();
    const slow = failingAt(token, 0, 'not-applied').hsm;
    let isTakenOver = false;
    const overtaken = new Proxy(slow, {
      get(target, method) {
        const run = target[method as keyof Hsm] as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          // Just before the first one checks its hold, the second one runs from begin to end.
          if (method === 'makeDataKey' && !isTakenOver) {
            isTakenOver = true;
            await holdCeremony(token, signed);
          }
          return run.apply(target, args);
        };
      },
    });
    await rejects(holdCeremony(overtaken, signed), refusedWith('version-conflict'));
    await isWhole(token);
  });

  it('answers nothing while the device is away', async () => {
    const hsm = new MemoryHsm();
    hsm.setAvailable(false);
    await rejects(holdCeremony(hsm, signed), refusedWith('hsm-unavailable'));
    hsm.setAvailable(true);
    deepEqual(await hsm.listKeys(''), []);
  });
});
