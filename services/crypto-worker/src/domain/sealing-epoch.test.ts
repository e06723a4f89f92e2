import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isInGrace, neededEpochs, sealingEpochAt, validityOf } from './sealing-epoch.ts';

const dayMs = 24 * 3_600_000;
const moments = fc.integer({ min: dayMs * 10_000, max: dayMs * 40_000 });

test('at every moment a key is in force, was made before, and can open', () => {
  fc.assert(
    fc.property(moments, (nowMs) => {
      const now = new Date(nowMs).toISOString();
      const inForce = neededEpochs(nowMs).filter((epoch) => {
        const { notBefore, notAfter } = validityOf(epoch);
        return notBefore <= now && now < notAfter;
      });
      assert.ok(inForce.includes(sealingEpochAt(nowMs)));
      for (const epoch of inForce) {
        assert.ok(isInGrace(epoch, nowMs));
        const announcedMs = Date.parse(validityOf(epoch).notBefore);
        assert.ok(neededEpochs(announcedMs).includes(epoch), 'made before it is in force');
      }
    }),
  );
});

test('whatever was sealed in time still opens a day later, and not four days later', () => {
  fc.assert(
    fc.property(moments, (nowMs) => {
      const epoch = sealingEpochAt(nowMs);
      const lastMs = Date.parse(validityOf(epoch).notAfter);
      assert.ok(isInGrace(epoch, lastMs + dayMs));
      assert.ok(!isInGrace(epoch, nowMs + 4 * dayMs));
      assert.ok(!isInGrace(epoch, nowMs - 2 * dayMs), 'an epoch to come');
    }),
  );
});
