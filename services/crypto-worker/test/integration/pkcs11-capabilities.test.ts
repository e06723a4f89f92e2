import { deepEqual, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { platformKey } from '../../src/domain/platform-key.ts';
import { type AdapterOnSoftHsm, openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const generalError = 0x5;
const deviceMemory = 0x31;

const methods = [
  ...(['C_WrapKey', 'C_UnwrapKey', 'C_Sign', 'C_Encrypt', 'C_CreateObject'] as const),
  ...(['C_GenerateKeyAsync', 'C_GenerateKeyPairAsync'] as const),
];

describe('what a token can do', () => {
  let adapter: AdapterOnSoftHsm;
  before(async () => {
    adapter = await openOnSoftHsm();
  });
  after(() => adapter.close());

  it('is not forgotten for a hiccup while it is tried out', async () => {
    const { hsm, module } = adapter;
    const healthy = await hsm.capabilities();
    for (const method of methods) {
      for (const value of [generalError, deviceMemory]) {
        // A change comes with another connection, on which everything is tried out again.
        await hsm.createKey(`strongroom/test/${randomUUID()}`, platformKey.mac);
        const before = module.calls(method);
        module.failNext(method, value);
        deepEqual(await hsm.capabilities(), healthy, `${value} from ${method}`);
        ok(module.calls(method) > before);
      }
    }
  });
});
