import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { platformKey } from '../../src/domain/platform-key.ts';
import { type HsmProcess, startHsmProcess } from '../../testing/hsm-process.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { type AdapterOnSoftHsm, openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const token = (label: string) => ({ kind: 'token', label }) as const;

describe('two worker processes on one token', () => {
  let here: AdapterOnSoftHsm;
  let there: HsmProcess;
  before(async () => {
    here = await openOnSoftHsm();
    there = await startHsmProcess(here.token);
  });
  after(async () => {
    await there.stop();
    await here.close();
  });

  it('see what the other made, and open what the other sealed', async () => {
    await there.call('createKey', 'strongroom/key/there', platformKey.encryption);
    const sealed = await here.hsm.encrypt(token('strongroom/key/there'), bytes('seed'), bytes('context'));
    const opened = await there.call('decrypt', token('strongroom/key/there'), sealed, bytes('context'));
    deepEqual(Buffer.from(opened.value as Uint8Array), Buffer.from('seed'));
  });

  it('a key that the other destroyed is absent here, cached handle or not', async () => {
    await here.hsm.createKey('strongroom/key/doomed', platformKey.wrapping);
    const wrapped = await here.hsm.makeDataKey('strongroom/key/doomed');
    const sealed = await here.hsm.encrypt(token('strongroom/key/doomed'), bytes('x'), bytes('y'));
    await there.call('destroyKey', 'strongroom/key/doomed');
    await rejects(
      here.hsm.decrypt(token('strongroom/key/doomed'), sealed, bytes('y')),
      refusedWith('absent'),
    );
    await rejects(here.hsm.makeDataKey('strongroom/key/doomed'), refusedWith('absent'));
    const data = { kind: 'data', wrappedBy: 'strongroom/key/doomed', wrapped } as const;
    await rejects(here.hsm.encrypt(data, bytes('x'), bytes('y')), refusedWith('absent'));
    equal(here.hsm.describe().state, 'ready');
  });

  it('one that the other destroyed and made again is the new one', async () => {
    await here.hsm.createKey('strongroom/key/again', platformKey.encryption);
    const old = await here.hsm.encrypt(token('strongroom/key/again'), bytes('x'), bytes('y'));
    await there.call('destroyKey', 'strongroom/key/again');
    await there.call('createKey', 'strongroom/key/again', platformKey.encryption);
    await rejects(
      here.hsm.decrypt(token('strongroom/key/again'), old, bytes('y')),
      refusedWith('ciphertext-invalid'),
    );
    const sealed = await here.hsm.encrypt(token('strongroom/key/again'), bytes('x'), bytes('y'));
    const opened = await there.call('decrypt', token('strongroom/key/again'), sealed, bytes('y'));
    equal(opened.code, undefined);
  });

  it('creating the same label at the same moment makes one key, never two', async () => {
    // A loser may also see the device unavailable for a moment: SoftHSM empties the token's file on every login.
    const lost = ['already-exists', 'hsm-unavailable'];
    let made = 0;
    for (let round = 0; round < 25; round += 1) {
      const label = `strongroom/race/${round}`;
      const mine = here.hsm.createKey(label, platformKey.mac).then(
        () => 'made',
        (error) => error.code,
      );
      const theirs = there.call('createKey', label, platformKey.mac).then(({ code }) => code ?? 'made');
      const outcomes = await Promise.all([mine, theirs]);
      const winners = outcomes.filter((outcome) => outcome === 'made').length;
      equal(outcomes.filter((outcome) => lost.includes(outcome)).length, 2 - winners, String(outcomes));
      ok(winners <= 1, `both made ${label}`);
      made += winners;
      await here.ready();
      equal(await here.hsm.hasKey(label), winners === 1);
      if (winners === 0) continue;
      const mac = await here.hsm.mac(label, bytes('data'));
      let other = await there.call('mac', label, bytes('data'));
      while (other.code === 'hsm-unavailable') other = await there.call('mac', label, bytes('data'));
      ok(Buffer.from(mac).equals(other.value as Uint8Array));
    }
    ok(made >= 15, `only ${made} of 25 races had a winner`);
  });

  it('a value that one replaces over and over is never absent nor torn for the other', async () => {
    const label = 'strongroom/anchor';
    await here.hsm.writeData(label, bytes('000'));
    let last = 0;
    const writing = (async () => {
      for (let round = 1; round <= 40; round += 1) {
        await there.call('writeData', label, bytes(String(round).padStart(3, '0')));
      }
    })();
    let isWriting = true;
    writing.finally(() => {
      isWriting = false;
    });
    while (isWriting) {
      const value = Buffer.from((await here.hsm.readData(label)) ?? []).toString();
      ok(/^\d{3}$/.test(value), `read "${value}"`);
      ok(Number(value) >= last, 'went back');
      last = Number(value);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    equal(Buffer.from((await here.hsm.readData(label)) ?? []).toString(), '040');
  });

  it('after a re-initialisation a label still names its own key, though handles have moved', async () => {
    for (const name of ['a', 'b', 'c'])
      await here.hsm.createKey(`strongroom/moved/${name}`, platformKey.encryption);
    const seal = async (name: string) =>
      [name, await here.hsm.encrypt(token(`strongroom/moved/${name}`), bytes(name), bytes('y'))] as const;
    const sealed = [await seal('b'), await seal('c')];
    await there.call('destroyKey', 'strongroom/moved/a');
    here.module.failNext('C_EncryptInit', 0x32);
    await rejects(seal('b'), refusedWith('hsm-unavailable'));
    await here.ready();
    for (const [name, box] of sealed) {
      const opened = await here.hsm.decrypt(token(`strongroom/moved/${name}`), box, bytes('y'));
      equal(Buffer.from(opened).toString(), name);
    }
    await rejects(seal('a'), refusedWith('absent'));
  });
});
