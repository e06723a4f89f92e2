import { equal, ok, rejects } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type FaultScene, openFaultScene } from '../../testing/fault-module/fault-scene.ts';
import { refusedWith } from '../../testing/refused-with.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const label = 'strongroom/key/kek';

describe('a device that loses its sessions, or answers with handles of other things', () => {
  let scene: FaultScene;
  before(async () => {
    scene = await openFaultScene();
  });
  after(() => scene.close());

  /** Low handles: of SoftHSM's first sessions and first objects. */
  const handles = [1, 2, 3, 4, 5, 6];

  it('all sessions lost in the middle of a call: back with the same keys within 5 s', async () => {
    const { hsm, steering } = scene;
    for (const call of ['C_EncryptInit', 'C_Encrypt'] as const) {
      const begin = performance.now();
      steering.arm({ call, action: 'dropSessions' });
      await hsm
        .encrypt({ kind: 'token', label }, bytes('x'), bytes('y'))
        .catch(refusedWith('hsm-unavailable'));
      await scene.works();
      ok(performance.now() - begin < 5_000);
    }
  });

  it('a search that is answered with another object is never taken for the key', async () => {
    const { hsm, steering } = scene;
    const right = await hsm.keyAttributes(label);
    let refused = 0;
    for (const value of handles) {
      steering.arm({ call: 'C_FindObjects', action: 'otherHandle', value });
      const outcome = await hsm.keyAttributes(label).then(
        (attributes) => {
          equal(JSON.stringify(attributes), JSON.stringify(right));
          return 'right';
        },
        (error) => error.code,
      );
      ok(['right', 'hsm-inconsistent', 'hsm-unavailable'].includes(outcome), outcome);
      if (outcome === 'hsm-inconsistent') refused += 1;
      await scene.works();
    }
    ok(refused > 0, 'no handle named another object');
  });

  it('a session that is open already is not opened a second time', async () => {
    const { hsm, steering } = scene;
    // A failure that costs the session of the pool, so that the next call opens one.
    steering.arm({ call: 'C_Encrypt', action: 'fail', value: 0x7 });
    await rejects(hsm.encrypt({ kind: 'token', label }, bytes('x'), bytes('y')), refusedWith('internal'));
    let refused = 0;
    for (const value of handles) {
      const opened = steering.sessionsOpened;
      steering.arm({ call: 'C_OpenSession', action: 'otherHandle', value });
      await hsm.random(1).catch((error) => {
        refusedWith('hsm-unavailable')(error);
        refused += 1;
      });
      ok(steering.sessionsOpened >= opened);
      steering.clear();
      await scene.ready();
      steering.arm({ call: 'C_Encrypt', action: 'fail', value: 0x7 });
      await rejects(hsm.encrypt({ kind: 'token', label }, bytes('x'), bytes('y')), refusedWith('internal'));
    }
    ok(refused > 0, 'no handle named an open session');
    await scene.works();
  });
});
