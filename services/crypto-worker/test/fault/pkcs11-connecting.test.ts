import { equal, ok, rejects } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { platformKey } from '../../src/domain/platform-key.ts';
import { openPkcs11Hsm } from '../../src/outbound/pkcs11/pkcs11-hsm.ts';
import { returnCodes } from '../../src/outbound/pkcs11/return-code.ts';
import { type FaultScene, openFaultScene, sessionsMax } from '../../testing/fault-module/fault-scene.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { adapterOptions } from '../../testing/softhsm-adapter.ts';

const deviceError = 0x30;
const calls = [
  'C_Finalize',
  'C_Initialize',
  'C_GetSlotList',
  'C_GetTokenInfo',
  'C_GetMechanismList',
  'C_OpenSession',
  'C_Login',
  'C_FindObjectsInit',
  'C_FindObjects',
  'C_FindObjectsFinal',
  'C_GetAttributeValue',
] as const;

describe('every return code of the module while the adapter connects again', () => {
  let scene: FaultScene;
  before(async () => {
    scene = await openFaultScene();
  });
  after(() => scene.close());

  const lose = async () => {
    scene.steering.arm({ call: 'C_GenerateRandom', action: 'fail', value: deviceError });
    await rejects(scene.hsm.random(1), refusedWith('hsm-unavailable'));
  };

  for (const call of calls) {
    it(`${call}: it is back within 5 s with the same keys, without a login too many`, async (context) => {
      const { steering, token } = scene;
      const rows = returnCodes.filter(({ refusesPin }) => call !== 'C_Login' || !refusesPin);
      let slowestMs = 0;
      for (const row of rows) {
        const objects = await token.objects();
        const logins = steering.calls('C_Login');
        const starts = steering.calls('C_Initialize');
        const begin = performance.now();
        steering.arm({ call, action: 'fail', value: row.value });
        await lose();
        await scene.ready();
        slowestMs = Math.max(slowestMs, performance.now() - begin);
        await scene.works();
        equal(await token.objects(), objects, row.name);
        ok(steering.calls('C_Login') - logins <= steering.calls('C_Initialize') - starts, row.name);
        ok(steering.sessionsOpen <= sessionsMax + 2, row.name);
      }
      ok(slowestMs < 5_000);
      context.diagnostic(`${rows.length} failures, the slowest recovery ${Math.round(slowestMs)} ms`);
    });
  }

  it('C_Login: a PIN that was refused is not offered a second time, under whatever code', async (context) => {
    const { steering, token } = scene;
    await scene.hsm.close();
    const refusals = returnCodes.filter(({ refusesPin }) => refusesPin);
    for (const row of refusals) {
      const logins = steering.calls('C_Login');
      steering.arm({ call: 'C_Login', action: 'fail', value: row.value });
      const hsm = openPkcs11Hsm({ ...adapterOptions(token), pauseMsMax: 2 });
      // Time for some twenty more attempts, if there were any.
      await rejects(hsm.ready(AbortSignal.timeout(50)), refusedWith('hsm-unavailable'));
      await rejects(hsm.createKey('strongroom/never', platformKey.mac), refusedWith('hsm-unavailable'));
      equal(steering.calls('C_Login'), logins + 1, row.name);
      steering.clear();
      await hsm.close();
    }
    context.diagnostic(`${refusals.length} refusals`);
  });
});
