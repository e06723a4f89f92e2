import { deepEqual, equal, rejects } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dataObjectTemplate } from '../../src/outbound/pkcs11/template.ts';
import { makeTakeTurn } from '../../src/outbound/pkcs11/token-turn.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { type AdapterOnSoftHsm, openOnSoftHsm, openSession } from '../../testing/softhsm-adapter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

describe('data objects after a crash', () => {
  let adapter: AdapterOnSoftHsm;
  before(async () => {
    adapter = await openOnSoftHsm();
  });
  after(() => adapter.close());

  /** An object as somebody else's code would leave it. */
  const put = (label: string, value: Uint8Array) => {
    const { cryptoki } = adapter.module;
    const session = openSession(adapter);
    cryptoki.C_CreateObject(session, dataObjectTemplate(label, value));
    cryptoki.C_CloseSession(session);
  };

  it('that left an empty object read as what was there before, and can be written', async () => {
    put('strongroom/first', new Uint8Array(0));
    equal(await adapter.hsm.readData('strongroom/first'), undefined);
    await adapter.hsm.writeData('strongroom/first', bytes('one'));
    equal(read(await adapter.hsm.readData('strongroom/first')), 'one');
    put('strongroom/first', new Uint8Array(0));
    equal(read(await adapter.hsm.readData('strongroom/first')), 'one');
    await adapter.hsm.writeData('strongroom/first', bytes('two'));
    equal(read(await adapter.hsm.readData('strongroom/first')), 'two');
  });

  it('are not absent when there is a value and it is not whole', async () => {
    put('strongroom/damaged', bytes('neither sequence nor hash'));
    await rejects(adapter.hsm.readData('strongroom/damaged'), refusedWith('hsm-inconsistent'));
    await rejects(adapter.hsm.writeData('strongroom/damaged', bytes('x')), refusedWith('hsm-inconsistent'));
    await adapter.hsm.destroyKey('strongroom/damaged');
    equal(await adapter.hsm.readData('strongroom/damaged'), undefined);
  });

  it('leave one object each in the end', async () => {
    for (const value of ['a', 'b', 'c']) await adapter.hsm.writeData('strongroom/once', bytes(value));
    const destroyed = adapter.module.calls('C_DestroyObject');
    await adapter.hsm.destroyKey('strongroom/once');
    deepEqual(adapter.module.calls('C_DestroyObject'), destroyed + 1);
  });

  it('are looked for in the turn of the token, which a search for a key does not wait for', async () => {
    const { hsm, module, token } = adapter;
    await hsm.writeData('strongroom/in-turn', bytes('value'));
    const [taken, given] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const elsewhere = makeTakeTurn({ serial: token.serial })(async () => {
      taken.resolve();
      await given.promise;
    });
    await taken.promise;
    equal(await hsm.hasKey('strongroom/nobody'), false);
    const searches = module.calls('C_FindObjectsInit');
    const reading = hsm.readData('strongroom/in-turn');
    // Several times as long as it waits between two looks at the turn.
    await new Promise((resolve) => setTimeout(resolve, 40));
    equal(module.calls('C_FindObjectsInit'), searches);
    given.resolve();
    equal(read(await reading), 'value');
    await elsewhere;
  });
});
