import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { SessionPool } from './session-pool.ts';

function makePool(sessionsMax = 2) {
  const opened: number[] = [];
  const closed: number[] = [];
  const pool = new SessionPool({
    open: () => Uint8Array.of(opened.push(opened.length)),
    close: (session) => closed.push(session[0] as number),
    sessionsMax,
  });
  return { pool, opened, closed };
}

const thrown = (error: unknown) => () => {
  throw error;
};
const fault = new Error('CKR_OPERATION_ACTIVE:144');

describe('a session pool', () => {
  it('uses one session over and over while all goes well', () => {
    const { pool, opened } = makePool();
    for (let count = 0; count < 5; count += 1) pool.use(() => count);
    equal(opened.length, 1);
  });

  it('gives two uses at a time two sessions, and no third beyond the bound', () => {
    const { pool } = makePool(2);
    pool.use((outer) =>
      pool.use((inner) => {
        equal(outer[0] === inner[0], false);
        throws(
          () => pool.use(() => 0),
          (error) => isStrongroomError(error) && error.code === 'overloaded',
        );
      }),
    );
    equal(pool.size, 2);
  });

  it('closes a session that saw an error of the module', async () => {
    const { pool, opened, closed } = makePool();
    throws(() => pool.use(thrown(fault)));
    deepEqual(closed, [1]);
    pool.use((session) => equal(session[0], 2));
    await rejects(pool.useAsync(() => Promise.reject(fault)));
    deepEqual(closed, [1, 2]);
    equal(opened.length, 2);
    equal(pool.size, 0);
  });

  it('keeps a session whose data was refused', () => {
    const { pool, closed } = makePool();
    throws(() => pool.use(thrown(new StrongroomError('ciphertext-invalid'))));
    deepEqual(closed, []);
    equal(pool.size, 1);
  });

  it('throws the error of the work even where closing fails as well', () => {
    const pool = new SessionPool({
      open: () => Uint8Array.of(1),
      close: thrown(new Error('CKR_CRYPTOKI_NOT_INITIALIZED:400')),
      sessionsMax: 1,
    });
    throws(
      () => pool.use(thrown(fault)),
      (error) => error === fault,
    );
    equal(pool.size, 0);
  });

  it('is settled when nothing runs on another thread, and ended gives out nothing more', async () => {
    const { pool } = makePool();
    const call = Promise.withResolvers<string>();
    const running = pool.useAsync(() => call.promise);
    equal(pool.isBusy, true);
    pool.end();
    throws(() => pool.use(() => 0), /CKR_TOKEN_NOT_PRESENT/);
    await rejects(
      pool.useAsync(async () => 0),
      /CKR_TOKEN_NOT_PRESENT/,
    );
    const settled = pool.settled();
    call.resolve('done');
    equal(await running, 'done');
    await settled;
    equal(pool.isBusy, false);
  });
});
