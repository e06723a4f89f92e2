/**
 * Making and destroying keys. Calls run one at a time: SoftHSM has failed concurrent generation, and it rewrites a token
 * object's file some thirty-five times (45 ms on a disk), which is why generation runs on another thread.
 *
 * PKCS#11 lets any number of objects share a label, also when two processes create "the same" key at once. So a maker
 * looks first, marks its key with a random id, and looks again afterwards: it keeps its key only once it has seen it
 * alone. Two makers can then never both succeed, whatever the timing, because the later one finds the earlier one's
 * finished key. When both are there, the higher id gives way; the lower one waits for that, and gives way as well when the
 * other does not, since the other may have seen itself alone before.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { ckm } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { afterChange, asFault } from './fault.ts';
import { readAttributes, readEdwardsPoint } from './key-attributes.ts';
import { isKeyProper, type TokenKey } from './key-handles.ts';
import type { TokenObject } from './object-finder.ts';
import {
  type AesUse,
  aesKeyTemplate,
  macKeyTemplate,
  newDataKeyTemplate,
  signingKeyTemplates,
} from './template.ts';
import type { TokenAccess, TokenConnection } from './token-connection.ts';

const rivalMsMax = 3_000;
const rivalPollMs = 20;
const recoveryMsMax = 5_000;

type Generate = (connection: TokenConnection, session: Handle, id: Uint8Array) => Promise<unknown>;

export function createAesKey(access: TokenAccess, label: string, use: AesUse): Promise<void> {
  return createKey(access, label, ({ cryptoki }, session, id) =>
    cryptoki.C_GenerateKeyAsync(session, { mechanism: ckm.aesKeyGen }, aesKeyTemplate(label, id, use)),
  );
}

export function createMacKey(access: TokenAccess, label: string): Promise<void> {
  return createKey(access, label, ({ cryptoki }, session, id) =>
    cryptoki.C_GenerateKeyAsync(session, { mechanism: ckm.genericSecretKeyGen }, macKeyTemplate(label, id)),
  );
}

/** Answers the raw public key. */
export async function createSigningKey(access: TokenAccess, label: string): Promise<Uint8Array> {
  const { connection, objects } = await createObjects(access, label, ({ cryptoki }, session, id) => {
    const { publicKey, privateKey } = signingKeyTemplates(label, id);
    const mechanism = { mechanism: ckm.ecEdwardsKeyPairGen };
    return cryptoki.C_GenerateKeyPairAsync(session, mechanism, publicKey, privateKey);
  });
  const half = objects.find(({ objectClass }) => objectClass === 'public-key');
  return afterChange(() => readEdwardsPoint(connection, label, half?.handle));
}

async function createKey(access: TokenAccess, label: string, generate: Generate): Promise<void> {
  await createObjects(access, label, generate);
}

/** What was made, and the connection that it was seen on last. */
interface Made {
  readonly connection: TokenConnection;
  readonly objects: readonly TokenObject[];
}

async function createObjects(access: TokenAccess, label: string, generate: Generate): Promise<Made> {
  const connection = access.connection();
  // A rival that this search does not see is seen by the one after.
  if (connection.seesObjects(label)) throw new StrongroomError('already-exists');
  const id = randomBytes(16);
  await connection.change(() => connection.sessions.useAsync((session) => generate(connection, session, id)));
  // From here on the token has changed: a token lost now is waited for, and what fails for good leaves the outcome open.
  return afterChange(() => throughRecovery(access, () => claimLabel(access, label, id.toString('hex'))));
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

async function claimLabel(access: TokenAccess, label: string, id: string): Promise<Made> {
  const until = performance.now() + rivalMsMax;
  for (;;) {
    const connection = access.fresh();
    const found = connection.findObjects(label);
    const objects = found.filter((object) => object.id === id);
    const rivals = found.filter((object) => isKeyProper(object) && object.id !== id);
    if (rivals.length === 0) {
      await requireKept(connection, objects);
      return { connection, objects };
    }
    if (rivals.some((rival) => rival.id !== '' && rival.id < id) || performance.now() > until) {
      await connection.change(() => destroyObjects(connection, objects));
      throw new StrongroomError('already-exists');
    }
    await delay(rivalPollMs);
  }
}

/** The template asked for a key that the token keeps to itself; the token must have done it (I1). */
async function requireKept(connection: TokenConnection, objects: readonly TokenObject[]): Promise<void> {
  const key = objects.find(isKeyProper);
  if (key === undefined) throw new StrongroomError('outcome-unknown', { detail: 'the new HSM key is gone' });
  const { sensitive, neverExtractable, local } = readAttributes(connection, key.handle);
  if (sensitive && neverExtractable && local) {
    connection.remember(objects);
    return;
  }
  await connection.change(() => destroyObjects(connection, objects));
  throw new StrongroomError('mechanism-unsupported', { detail: 'the token does not keep keys to itself' });
}

/** Destroys every object with the label. */
export async function destroyKey(access: TokenAccess, label: string): Promise<void> {
  const connection = access.fresh();
  const objects = connection.findObjects(label);
  connection.keys.evict(label);
  if (objects.length === 0) return;
  await connection.change(() => {
    connection.dataKeys.closeUnder(label);
    return destroyObjects(connection, objects);
  });
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

/**
 * A data key never exists outside the token but wrapped: generated as an object of one session, wrapped by the same
 * session, destroyed by it; and should that fail, closing the session destroys it.
 */
export async function makeDataKey(access: TokenAccess, wrappingLabel: string): Promise<Uint8Array> {
  const connection = access.connection();
  const wrappingKey = connection.key(wrappingLabel, 'aes');
  try {
    return await connection.sessions.useAsync((session) => generateWrapped(connection, session, wrappingKey));
  } catch (error) {
    connection.forgetDead(wrappingLabel, error);
    throw error;
  }
}

async function generateWrapped(
  { cryptoki, slot }: TokenConnection,
  session: Handle,
  wrappingKey: TokenKey,
): Promise<Uint8Array> {
  const generation = { mechanism: ckm.aesKeyGen };
  const generated = await cryptoki.C_GenerateKeyAsync(session, generation, newDataKeyTemplate());
  const wrapping = { mechanism: slot.keyWrapMechanism };
  const wrapped = cryptoki.C_WrapKey(session, wrapping, wrappingKey.handle, generated, Buffer.alloc(64));
  cryptoki.C_DestroyObject(session, generated);
  return Uint8Array.from(wrapped);
}
