/** A whole fake deployment and a client of it, gone when the test is over. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import { generateKeyFile } from '@strongroom/sealed';
import {
  connectStrongroom,
  type KeyCredential,
  type StrongroomClient,
  type StrongroomOptions,
} from '../src/index.ts';
import { makeCertificates } from './certificates.ts';
import { FakeGateway } from './fake-gateway.ts';
import { FakeWorker } from './fake-worker.ts';

export const certificates = await makeCertificates();
export const alice = generateKeyFile('user:alice');
export const credential: KeyCredential = { kind: 'key', principal: alice.principal, sign: alice.sign };
export const read = { group: 'default', name: 'database' };
export const write = { ...read, kind: 'opaque', value: 'aGVsbG8' } as const;

export class Clock {
  ms = Date.now();
  readonly now = (): number => this.ms;
}

export interface Deployment {
  readonly clock: Clock;
  readonly worker: FakeWorker;
  readonly gateway: FakeGateway;
  readonly options: StrongroomOptions;
  readonly client: StrongroomClient;
  connect(change?: Partial<StrongroomOptions>): StrongroomClient;
}

export async function deploy(t: TestContext, change: Partial<StrongroomOptions> = {}): Promise<Deployment> {
  const clock = new Clock();
  const worker = new FakeWorker(clock.now);
  await worker.rotateSealingKey();
  const gateway = new FakeGateway(worker, certificates);
  const gatewayUrl = await gateway.start();
  const options: StrongroomOptions = {
    gatewayUrl,
    ca: certificates.ca,
    identityFingerprint: worker.identityFingerprint,
    credential,
    nowMs: clock.now,
  };
  const clients: StrongroomClient[] = [];
  const connect = (more: Partial<StrongroomOptions> = {}) => {
    const client = connectStrongroom({ ...options, ...more });
    clients.push(client);
    return client;
  };
  t.after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway.stop();
  });
  return { clock, worker, gateway, options, client: connect(change), connect };
}

/** For `assert.rejects`. */
export function coded(...codes: readonly ErrorCode[]) {
  return (error: unknown): true => {
    assert.ok(isStrongroomError(error), String(error));
    assert.ok(codes.includes(error.code), `${error.code}: ${error.detail}`);
    return true;
  };
}

/** Settles when `done` has been called so many times. */
export function countdown(times: number): { readonly done: () => void; readonly reached: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  return {
    done: () => {
      left -= 1;
      if (left === 0) resolve();
    },
    reached: promise,
  };
}
