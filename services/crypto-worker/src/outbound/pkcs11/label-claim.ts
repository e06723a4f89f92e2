/**
 * One label, one key. PKCS#11 lets any number of objects share a label, also when two processes create "the same" key at
 * once. So a maker looks first, marks its key with a random id, and looks again afterwards: it keeps its key only once it
 * has seen it alone. Two makers can then never both succeed, whatever the timing, because the later one finds the earlier
 * one's finished key. When both are there, the higher id gives way; the lower one waits for that, and gives way as well
 * when the other does not, since the other may have seen itself alone before.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { HsmKeyType } from '../../ports/hsm-key.ts';
import type { Handle } from './cryptoki.ts';
import { afterChange, asFault } from './fault.ts';
import { isKeyProper } from './key-handles.ts';
import type { TokenObject } from './object-finder.ts';
import { newObjectId } from './object-id.ts';
import type { TokenAccess, TokenConnection } from './token-connection.ts';

const rivalMsMax = 3_000;
const rivalPollMs = 20;
const recoveryMsMax = 5_000;

type Generate = (connection: TokenConnection, session: Handle, id: Uint8Array) => Promise<unknown>;

/** Throws a coded error for a key that must not stay; it is destroyed then. */
export type RequireKept = (
  connection: TokenConnection,
  key: TokenObject,
  objects: readonly TokenObject[],
) => void | Promise<void>;

/** What was made, and the connection that it was seen on last. */
export interface Made {
  readonly connection: TokenConnection;
  readonly objects: readonly TokenObject[];
}

/** Throws `already-exists`. The new key has proven to be what the template asked for. */
export async function createObjects(
  access: TokenAccess,
  label: string,
  type: HsmKeyType,
  generate: Generate,
  requireKept: RequireKept,
): Promise<Made> {
  const connection = access.connection();
  // A rival that this search does not see is seen by the one after.
  if (connection.seesObjects(label)) throw new StrongroomError('already-exists');
  const id = newObjectId(type);
  await connection.change(() => connection.sessions.useAsync((session) => generate(connection, session, id)));
  // From here on the token has changed: a token lost now is waited for, and what fails for good leaves the outcome open.
  return afterChange(() =>
    throughRecovery(access, () => claimLabel(access, label, id.toString('hex'), requireKept)),
  );
}

async function throughRecovery<T>(access: TokenAccess, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + recoveryMsMax;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const leftMs = until - performance.now();
      const isUnavailable = isStrongroomError(error) && error.code === 'hsm-unavailable';
      if (leftMs <= 0 || (asFault(error) === undefined && !isUnavailable)) throw error;
      await access.recovered(error, leftMs);
    }
  }
}

async function claimLabel(
  access: TokenAccess,
  label: string,
  id: string,
  requireKept: RequireKept,
): Promise<Made> {
  const until = performance.now() + rivalMsMax;
  for (;;) {
    const connection = access.fresh();
    const found = connection.findObjects(label);
    const objects = found.filter((object) => object.id === id);
    const rivals = found.filter((object) => isKeyProper(object) && object.id !== id);
    if (rivals.length === 0) {
      await keepOrDestroy(connection, objects, requireKept);
      return { connection, objects };
    }
    if (rivals.some((rival) => rival.id !== '' && rival.id < id) || performance.now() > until) {
      await connection.change(() => destroyObjects(connection, objects));
      throw new StrongroomError('already-exists');
    }
    await delay(rivalPollMs);
  }
}

/** What the token made in spite of its template, or took in as it should not have, does not stay (I1). */
async function keepOrDestroy(
  connection: TokenConnection,
  objects: readonly TokenObject[],
  requireKept: RequireKept,
): Promise<void> {
  const key = objects.find(isKeyProper);
  if (key === undefined) throw new StrongroomError('outcome-unknown', { detail: 'the new HSM key is gone' });
  try {
    await requireKept(connection, key, objects);
  } catch (error) {
    if (!isStrongroomError(error)) throw error;
    await connection.change(() => destroyObjects(connection, objects));
    throw error;
  }
  connection.remember(objects);
}

/** Private halves first: what is left after a crash in the middle can not be used. */
export async function destroyObjects(
  connection: TokenConnection,
  objects: readonly TokenObject[],
): Promise<void> {
  const ordered = objects.toSorted((a, b) => Number(isKeyProper(b)) - Number(isKeyProper(a)));
  const [first, ...others] = ordered;
  if (first === undefined) return;
  destroyObject(connection, first);
  await afterChange(() => {
    for (const object of others) destroyObject(connection, object);
    connection.noteDestroyed();
  });
}

/** A dead handle may mean that another process was faster. It may also be a mood of the device, so the token is looked at. */
function destroyObject(connection: TokenConnection, { handle, label }: TokenObject): void {
  const destroy = () =>
    connection.sessions.use((session) => connection.cryptoki.C_DestroyObject(session, handle));
  try {
    destroy();
  } catch (error) {
    if (asFault(error)?.returnCode.evictsHandle !== true) throw error;
    if (connection.seesHandle(label, handle)) destroy();
  }
}
