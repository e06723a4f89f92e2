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
import { StrongroomError } from '@strongroom/errors';
import { ckm } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { asFault, changing } from './fault.ts';
import { readAttributes } from './key-attributes.ts';
import { isKeyProper, type TokenKey } from './key-handles.ts';
import type { TokenObject } from './object-finder.ts';
import {
  type AesUse,
  aesKeyTemplate,
  macKeyTemplate,
  newDataKeyTemplate,
  signingKeyTemplates,
} from './template.ts';
import type { TokenConnection } from './token-connection.ts';

const rivalMsMax = 3_000;
const rivalPollMs = 20;

type Generate = (session: Handle, id: Uint8Array) => Promise<unknown>;

export function createAesKey(connection: TokenConnection, label: string, use: AesUse): Promise<void> {
  return createKey(connection, label, (session, id) =>
    connection.cryptoki.C_GenerateKeyAsync(
      session,
      { mechanism: ckm.aesKeyGen },
      aesKeyTemplate(label, id, use),
    ),
  );
}

export function createMacKey(connection: TokenConnection, label: string): Promise<void> {
  return createKey(connection, label, (session, id) =>
    connection.cryptoki.C_GenerateKeyAsync(
      session,
      { mechanism: ckm.genericSecretKeyGen },
      macKeyTemplate(label, id),
    ),
  );
}

export function createSigningKey(connection: TokenConnection, label: string): Promise<void> {
  return createKey(connection, label, (session, id) => {
    const { publicKey, privateKey } = signingKeyTemplates(label, id);
    const mechanism = { mechanism: ckm.ecEdwardsKeyPairGen };
    return connection.cryptoki.C_GenerateKeyPairAsync(session, mechanism, publicKey, privateKey);
  });
}

async function createKey(connection: TokenConnection, label: string, generate: Generate): Promise<void> {
  if (connection.findObjects(label).length > 0) throw new StrongroomError('already-exists');
  const id = randomBytes(16);
  await changing(() => connection.sessions.useAsync((session) => generate(session, id)));
  await changing(() => claimLabel(connection, label, id.toString('hex')));
}

/** From here on the token has changed, so whatever fails leaves the outcome open. */
async function claimLabel(connection: TokenConnection, label: string, id: string): Promise<void> {
  const until = performance.now() + rivalMsMax;
  for (;;) {
    const objects = connection.findObjects(label);
    const rivals = objects.filter((object) => isKeyProper(object) && object.id !== id);
    if (rivals.length === 0) break;
    if (rivals.some((rival) => rival.id !== '' && rival.id < id) || performance.now() > until) {
      destroyObjects(
        connection,
        objects.filter((object) => object.id === id),
      );
      throw new StrongroomError('already-exists');
    }
    await delay(rivalPollMs);
  }
  await proveKept(connection, label);
}

/** The template asked for it; the token must have done it (I1). */
async function proveKept(connection: TokenConnection, label: string): Promise<void> {
  const key = connection.findKey(label);
  if (key === undefined) throw new StrongroomError('outcome-unknown', { detail: 'the new HSM key is gone' });
  const { sensitive, neverExtractable, local } = readAttributes(connection, key.handle);
  if (sensitive && neverExtractable && local) return;
  await destroyKey(connection, label);
  throw new StrongroomError('mechanism-unsupported', { detail: 'the token does not keep keys to itself' });
}

/** Destroys every object with the label, until a search finds none. */
export async function destroyKey(connection: TokenConnection, label: string): Promise<void> {
  let objects = connection.findObjects(label);
  connection.keys.evict(label);
  if (objects.length === 0) return;
  await changing(() => {
    connection.dataKeys.closeUnder(label);
    while (objects.length > 0) {
      destroyObjects(connection, objects);
      objects = connection.findObjects(label);
    }
  });
}

/** Private halves first: what is left after a crash in the middle can not be used. */
export function destroyObjects(connection: TokenConnection, objects: readonly TokenObject[]): void {
  const ordered = objects.toSorted((a, b) => Number(isKeyProper(b)) - Number(isKeyProper(a)));
  for (const { handle } of ordered) {
    try {
      connection.sessions.use((session) => connection.cryptoki.C_DestroyObject(session, handle));
    } catch (error) {
      if (asFault(error)?.returnCode.evictsHandle !== true) throw error;
    }
  }
}

/**
 * A data key never exists outside the token but wrapped: generated as an object of one session, wrapped by the same
 * session, destroyed by it; and should that fail, closing the session destroys it.
 */
export async function makeDataKey(connection: TokenConnection, wrappingLabel: string): Promise<Uint8Array> {
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
