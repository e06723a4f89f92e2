/** A caller and workers that share keys, with a clock that stands still until it is moved. */
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import {
  newRequestId,
  type OperationMessage,
  type ReplyMessage,
  type RoutingHeader,
} from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import {
  ClientSession,
  decodeFrame,
  generateSealingKey,
  importSealingKey,
  openRequest,
  type SealingPrivateKey,
  type SealingPublicKey,
  type SessionClaims,
  SessionTable,
  sealRequest,
  TicketBox,
  type TicketKey,
  type TicketKeyring,
} from '../src/index.ts';

export const startMs = Date.parse('2026-03-01T12:00:00.000Z');
export const epoch = 7;

export const claims: SessionClaims = {
  principal: 'plugin:node-1',
  proof: 'key',
  registrySequence: 42,
};

export class Clock {
  ms = startMs;
  readonly now = (): number => this.ms;
}

export class Keyring implements TicketKeyring {
  #keys: TicketKey[] = [];

  constructor() {
    this.rotate();
  }

  current(): TicketKey {
    const key = this.#keys.at(-1);
    assert.ok(key);
    return key;
  }

  find(id: number) {
    return this.#keys.find((key) => key.id === id)?.key;
  }

  rotate(): void {
    this.#keys.push({ id: this.#keys.length + 1, key: createSecretKey(randomBytes(32)) });
  }

  forget(id: number): void {
    this.#keys = this.#keys.filter((key) => key.id !== id);
  }
}

export function routing(requestId: string = newRequestId(startMs)): RoutingHeader {
  return {
    v: 1,
    pool: 'default',
    tenant: 'default',
    class: 'crypto',
    requestId,
    notAfter: new Date(startMs + 3_000).toISOString(),
  };
}

export const content: Omit<OperationMessage, 'routing'> = {
  operation: 'kms.unwrap',
  params: { group: 'default', key: 'etcd', provider: 'strongroom', ciphertext: 'c2VlZA' },
};
export const opening = {
  ...content,
  proof: { kind: 'api-key', key: 'sr_abc_def' },
  openSession: true,
} as const;

export function done(requestId: string, result: unknown = { plaintext: 'aGVsbG8' }): ReplyMessage {
  return { requestId, entry: 5, status: 'done', result };
}

export interface SealingPair {
  readonly key: SealingPublicKey;
  readonly privateKey: SealingPrivateKey;
}

export async function sealingPair(ofEpoch: number = epoch): Promise<SealingPair> {
  const { privateKey, publicKey } = await generateSealingKey();
  using secret = privateKey;
  const imported = await importSealingKey(ofEpoch, secret, publicKey);
  return { key: { epoch: ofEpoch, keyId: imported.keyId, publicKey }, privateKey: imported };
}

/** A session that was opened the whole way: sealed request, ticket in the sealed reply. */
export async function openSession(tickets: TicketBox): Promise<ClientSession> {
  const { key, privateKey } = await sealingPair();
  const header = routing();
  const sealed = await sealRequest({ key, routing: header, message: opening });
  const opened = await openRequest(decodeFrame(sealed.frame), () => privateKey);
  assert.ok(opened.sessionSecret);
  using secret = opened.sessionSecret;
  const session = tickets.issue(secret, claims);
  const reply = await sealed.openReply(opened.sealReply({ ...done(header.requestId), session }));
  assert.ok(reply.session);
  return new ClientSession(await sealed.sessionSecret(), reply.session);
}

export async function sessionParties() {
  const clock = new Clock();
  const keyring = new Keyring();
  const newWorker = () => {
    const tickets = new TicketBox(keyring, clock.now);
    return new SessionTable({ tickets, nowMs: clock.now });
  };
  const tickets = new TicketBox(keyring, clock.now);
  return { clock, keyring, tickets, newWorker, worker: newWorker(), session: await openSession(tickets) };
}

/** For `assert.throws` and `assert.rejects`. */
export function coded(...codes: readonly ErrorCode[]) {
  return (error: unknown): true => {
    assert.ok(isStrongroomError(error), String(error));
    assert.ok(codes.includes(error.code), `${error.code}: ${error.detail}`);
    return true;
  };
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const index = Math.floor(bit / 8);
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}
