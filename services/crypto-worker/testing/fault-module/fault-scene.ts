/**
 * The operations of the adapter on a token that fails, with what must hold after each failure whatever it was: no answer
 * but a right one, no refusal that says "nothing happened" where something did, no key that nobody asked for, no login
 * beyond one for each time that the module was initialised, no session beyond those that the adapter accounts for.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { type ErrorCode, errorCatalogue, StrongroomError, toStrongroomError } from '@strongroom/errors';
import { ed25519Point, platformKey } from '../../src/domain/platform-key.ts';
import type { ReturnCode } from '../../src/outbound/pkcs11/return-code.ts';
import type { Hsm, HsmTaskOutcome } from '../../src/ports/hsm.ts';
import { type CallName, callNames, type Fault } from './fault-steering.ts';
import { type AdapterOnFaultyToken, openOnFaultyToken } from './faulty-softhsm.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString();

export interface FaultyOperation {
  /** The call that does the work: it meets every return code, the others one of each kind. */
  readonly decisive: CallName;
  readonly prepare?: () => Promise<unknown>;
  readonly run: () => Promise<unknown>;
  /** Throws where the answer is wrong. */
  readonly check: (answer: unknown) => Promise<void> | void;
  /** Token objects more when it is done; of what changes nothing there is none. */
  readonly makes?: number;
  /** Takes away what it made. */
  readonly finish?: () => Promise<unknown>;
}

export interface FaultScene extends AdapterOnFaultyToken {
  readonly operations: Readonly<Record<string, FaultyOperation>>;
  /** What a key of the token answers now, wherever the fault struck. */
  works(): Promise<void>;
}

const kek = { kind: 'token', label: 'strongroom/key/kek' } as const;
const wrapping = 'strongroom/wrap';
const mac = 'strongroom/mac';
const identity = 'strongroom/identity';
const anchor = 'strongroom/anchor';
const leaving = 'strongroom/leaving';
export const sessionsMax = 4;
/** Those of the pool, the one that holds the login, the one that holds the data keys. */
const sessionsOpenMax = sessionsMax + 2;

export async function openFaultScene(): Promise<FaultScene> {
  const adapter = await openOnFaultyToken({ sessionsMax, pauseMsMax: 5, probeMs: 3_600_000 });
  const { hsm, steering } = adapter;
  await hsm.createKey(kek.label, platformKey.encryption);
  await hsm.createKey(wrapping, platformKey.wrapping);
  await hsm.createKey(mac, platformKey.mac);
  await hsm.createKey(identity, platformKey.signing);
  await hsm.createKey(leaving, { type: 'aes-256', use: 'encrypt', exportable: true });
  const kept = await hsm.wrapBytes(wrapping, 'aes-kwp', bytes('kept key'));
  await hsm.writeData(anchor, bytes('value'));
  const sealed = await hsm.encrypt(kek, bytes('seed'), bytes('context'));
  const operations = {
    ...readsOf(hsm, sealed),
    ...transportsOf(hsm, kept, sealed),
    ...changesOf(hsm, await hsm.exportKey(leaving, wrapping)),
  };
  return {
    ...adapter,
    operations,
    async works() {
      steering.clear();
      await adapter.ready();
      equal(text(await hsm.decrypt(kek, sealed, bytes('context'))), 'seed');
    },
  };
}

function readsOf(hsm: Hsm, sealed: Uint8Array): Record<string, FaultyOperation> {
  let wrapped: Uint8Array = new Uint8Array(0);
  const keys = [identity, kek.label, leaving, mac, wrapping];
  const attributes = { sensitive: true, extractable: false, alwaysSensitive: true, neverExtractable: true };
  return {
    random: {
      decisive: 'C_GenerateRandom',
      run: () => hsm.random(16),
      check: (answer) => equal((answer as Uint8Array).length, 16),
    },
    'listing keys': {
      decisive: 'C_FindObjects',
      run: () => hsm.listKeys(''),
      check: (answer) => deepEqual(answer, keys.toSorted()),
    },
    'looking for a key': {
      decisive: 'C_FindObjectsInit',
      run: () => hsm.hasKey(kek.label),
      check: (answer) => equal(answer, true),
    },
    'looking for a key that is not there': {
      decisive: 'C_FindObjectsInit',
      run: () => hsm.hasKey('strongroom/nobody'),
      check: (answer) => equal(answer, false),
    },
    'reading attributes': {
      decisive: 'C_GetAttributeValue',
      run: () => hsm.keyAttributes(kek.label),
      check: (answer) =>
        deepEqual(answer, { ...attributes, type: 'aes-256', local: true, usages: ['decrypt', 'encrypt'] }),
    },
    encrypting: {
      decisive: 'C_Encrypt',
      run: () => hsm.encrypt(kek, bytes('seed'), bytes('context')),
      check: async (answer) =>
        equal(text(await hsm.decrypt(kek, answer as Uint8Array, bytes('context'))), 'seed'),
    },
    decrypting: {
      decisive: 'C_Decrypt',
      run: () => hsm.decrypt(kek, sealed, bytes('context')),
      check: (answer) => equal(text(answer as Uint8Array), 'seed'),
    },
    'encrypting under a data key': {
      decisive: 'C_UnwrapKey',
      prepare: async () => {
        wrapped = await hsm.makeDataKey(wrapping);
      },
      run: () => hsm.encrypt({ kind: 'data', wrappedBy: wrapping, wrapped }, bytes('v'), bytes('context')),
      check: async (answer) => {
        const key = { kind: 'data', wrappedBy: wrapping, wrapped } as const;
        equal(text(await hsm.decrypt(key, answer as Uint8Array, bytes('context'))), 'v');
      },
    },
    'making a MAC': {
      decisive: 'C_Sign',
      run: () => hsm.mac(mac, bytes('data')),
      check: async (answer) => {
        equal((answer as Uint8Array).length, createHmac('sha256', 'k').digest().length);
        deepEqual(Buffer.from(await hsm.mac(mac, bytes('data'))), Buffer.from(answer as Uint8Array));
      },
    },
    signing: {
      decisive: 'C_Sign',
      run: () => hsm.sign(identity, bytes('data')),
      check: async (answer) =>
        deepEqual(Buffer.from(await hsm.sign(identity, bytes('data'))), Buffer.from(answer as Uint8Array)),
    },
    'reading a public key': {
      decisive: 'C_GetAttributeValue',
      run: () => hsm.publicKey(identity),
      check: (answer) => equal(ed25519Point(answer as Uint8Array).length, 32),
    },
    'reading a data object': {
      decisive: 'C_GetAttributeValue',
      run: () => hsm.readData(anchor),
      check: (answer) => equal(text(answer as Uint8Array), 'value'),
    },
  };
}

/** What is refused for one task of a job is what the single call would throw. */
const allOf = (items: readonly HsmTaskOutcome[]): readonly Uint8Array[] =>
  items.map((item) => {
    if (item.status === 'refused') throw new StrongroomError(item.code);
    return item.bytes;
  });

/** What carries many at once, and what carries keys and bytes in and out. */
function transportsOf(hsm: Hsm, kept: Uint8Array, sealed: Uint8Array): Record<string, FaultyOperation> {
  const context = bytes('context');
  const item = { kind: 'encrypt', key: kek, plaintext: bytes('seed'), associatedData: context } as const;
  const opened = { kind: 'decrypt', key: kek, sealed, associatedData: context } as const;
  const signed = {
    kind: 'sign',
    label: identity,
    data: bytes('data'),
    algorithm: 'ed25519',
    input: 'message',
  } as const;
  return {
    'encrypting a batch': {
      decisive: 'C_Encrypt',
      run: async () => allOf(await hsm.runJob([item, item, item])),
      check: async (answer) => {
        for (const each of answer as readonly Uint8Array[])
          equal(text(await hsm.decrypt(kek, each, bytes('context'))), 'seed');
      },
    },
    'decrypting a batch': {
      decisive: 'C_Decrypt',
      run: async () => allOf(await hsm.runJob([opened, opened])),
      check: (answer) => deepEqual((answer as readonly Uint8Array[]).map(text), ['seed', 'seed']),
    },
    'signing a batch': {
      decisive: 'C_Sign',
      run: async () => allOf(await hsm.runJob([signed, signed])),
      check: async (answer) => {
        const expected = Buffer.from(await hsm.sign(identity, bytes('data')));
        for (const each of answer as readonly Uint8Array[]) deepEqual(Buffer.from(each), expected);
      },
    },
    'making a batch of MACs': {
      decisive: 'C_Sign',
      run: async () => allOf(await hsm.runJob([{ kind: 'mac', label: mac, data: bytes('data') }])),
      check: async (answer) => {
        const expected = Buffer.from(await hsm.mac(mac, bytes('data')));
        deepEqual(
          (answer as readonly Uint8Array[]).map((each) => Buffer.from(each)),
          [expected],
        );
      },
    },
    'exporting a key': {
      decisive: 'C_WrapKey',
      run: () => hsm.exportKey(leaving, wrapping),
      check: (answer) => equal((answer as Uint8Array).length, 40),
    },
    'wrapping bytes': {
      decisive: 'C_WrapKey',
      run: () => hsm.wrapBytes(wrapping, 'aes-kwp', bytes('kept key')),
      check: async (answer) =>
        equal(text(await hsm.unwrapBytes(wrapping, 'aes-kwp', answer as Uint8Array)), 'kept key'),
    },
    'unwrapping bytes': {
      decisive: 'C_UnwrapKey',
      run: () => hsm.unwrapBytes(wrapping, 'aes-kwp', kept),
      check: (answer) => equal(text(answer as Uint8Array), 'kept key'),
    },
  };
}

function changesOf(hsm: Hsm, wrapped: Uint8Array): Record<string, FaultyOperation> {
  let label = '';
  const anew = async () => {
    label = `strongroom/test/${randomUUID()}`;
  };
  const finish = () => hsm.destroyKey(label);
  const isThere = async () => equal(await hsm.hasKey(label), true);
  return {
    'making a data key': {
      decisive: 'C_GenerateKey',
      run: () => hsm.makeDataKey(wrapping),
      check: async (answer) => {
        const key = { kind: 'data', wrappedBy: wrapping, wrapped: answer as Uint8Array } as const;
        await hsm.encrypt(key, bytes('v'), bytes('context'));
      },
      makes: 0,
    },
    'writing a data object': {
      decisive: 'C_CreateObject',
      prepare: anew,
      run: () => hsm.writeData(label, bytes('new')),
      check: async () => equal(text(await hsm.readData(label)), 'new'),
      makes: 1,
      finish,
    },
    'destroying a key': {
      decisive: 'C_DestroyObject',
      prepare: async () => {
        await anew();
        await hsm.createKey(label, platformKey.mac);
      },
      run: () => hsm.destroyKey(label),
      check: async () => equal(await hsm.hasKey(label), false),
      makes: -1,
      finish,
    },
    'creating an AES key': {
      decisive: 'C_GenerateKey',
      prepare: anew,
      run: () => hsm.createKey(label, platformKey.encryption),
      check: isThere,
      makes: 1,
      finish,
    },
    'importing a key': {
      decisive: 'C_UnwrapKey',
      // What the token can do is tried out once for a connection, by the same call.
      prepare: async () => {
        await anew();
        await hsm.capabilities();
      },
      run: () =>
        hsm.importKey(
          label,
          { type: 'aes-256', use: 'encrypt' },
          { scheme: 'aes-kwp', wrappedBy: wrapping, wrapped },
        ),
      check: isThere,
      makes: 1,
      finish,
    },
    'creating a signing key': {
      decisive: 'C_GenerateKeyPair',
      prepare: anew,
      run: () => hsm.createKey(label, platformKey.signing),
      check: isThere,
      makes: 2,
      finish,
    },
  };
}

/** The calls that an operation makes on a healthy token, with how often. */
export async function callsOf(scene: FaultScene, operation: FaultyOperation) {
  await operation.prepare?.();
  const before = callNames.map((call) => scene.steering.calls(call));
  await operation.run();
  const calls = callNames
    .map((call, index) => ({ call, times: scene.steering.calls(call) - (before[index] as number) }))
    .filter(({ times }) => times > 0);
  await operation.finish?.();
  return calls;
}

/** Runs one operation into one fault and holds what must hold. Answers `done` or the code. */
export async function strike(
  scene: FaultScene,
  operation: FaultyOperation,
  fault: Fault,
): Promise<'done' | ErrorCode> {
  const { steering, token } = scene;
  await operation.prepare?.();
  const before = {
    objects: await token.objects(),
    logins: steering.calls('C_Login'),
    starts: steering.calls('C_Initialize'),
  };
  steering.arm(fault);
  let answer: unknown;
  let outcome: 'done' | ErrorCode = 'done';
  try {
    answer = await operation.run();
  } catch (error) {
    outcome = toStrongroomError(error).code;
  }
  ok(steering.struck > 0 || fault.after !== undefined, 'the fault did not strike');
  steering.clear();
  await scene.ready();
  const made = (await token.objects()) - before.objects;
  const { makes = 0 } = operation;
  if (outcome === 'done') {
    equal(made, makes, 'objects made by what was done');
    await operation.check(answer);
  } else if (errorCatalogue[outcome].outcome === 'not-applied') {
    equal(made, 0, `objects made by what was refused as ${outcome}`);
  } else {
    ok(makes !== 0 || made === 0, 'objects made by what makes none');
  }
  const logins = steering.calls('C_Login') - before.logins;
  ok(logins <= steering.calls('C_Initialize') - before.starts, 'more logins than beginnings');
  ok(steering.sessionsOpen <= sessionsOpenMax, `${steering.sessionsOpen} sessions are open`);
  await scene.works();
  await operation.finish?.();
  return outcome;
}

/** One row for each thing that the adapter does, whatever the code for the caller. */
export function actionsOf(rows: readonly ReturnCode[]): readonly ReturnCode[] {
  return [...new Map(rows.map((row) => [`${row.action} ${row.evictsHandle}`, row])).values()];
}

/** One row for each way in which the table lets the adapter act. */
export function kindsOf(rows: readonly ReturnCode[]): readonly ReturnCode[] {
  const kinds = new Map(rows.map((row) => [`${row.action} ${row.code} ${row.evictsHandle}`, row]));
  // Search and value readers give this one a meaning of its own.
  const special = rows.filter(({ name }) => name === 'CKR_ATTRIBUTE_TYPE_INVALID');
  return [...new Set([...kinds.values(), ...special])];
}
