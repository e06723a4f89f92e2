/** A SoftHSM token behind the fault module, and the adapter on it. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSharedObject, createSoftHsmToken, type SoftHsmToken } from '@strongroom/testing';
import { openPkcs11Hsm, type Pkcs11Hsm } from '../../src/outbound/pkcs11/pkcs11-hsm.ts';
import type { Pkcs11HsmOptions } from '../../src/outbound/pkcs11/pkcs11-hsm-options.ts';
import type { HsmEvent } from '../../src/outbound/pkcs11/token-supervisor.ts';
import { adapterOptions } from '../softhsm-adapter.ts';
import { FaultSteering, steeringBytes } from './fault-steering.ts';

export interface FaultyToken extends Omit<SoftHsmToken, 'env'> {
  readonly env: Readonly<Record<string, string>>;
  readonly steering: FaultSteering;
  /** Objects in the token's directory, counted without asking the module. */
  objects(): Promise<number>;
}

/** The token of a process that loads `module` with `env`; steered from any process. */
export async function createFaultyToken(): Promise<FaultyToken> {
  // In memory where the system has such a place: SoftHSM writes a key's file some thirty-five times.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const directory = await mkdtemp(join(place, 'strongroom-faulty-'));
  const token = await createSoftHsmToken({ directory });
  const path = join(token.directory, 'steering');
  await writeFile(path, Buffer.alloc(steeringBytes));
  const steering = new FaultSteering(path);
  return {
    ...token,
    module: await buildSharedObject(join(import.meta.dirname, 'fault-module.c')),
    env: { ...token.env, STRONGROOM_FAULT_MODULE: token.module, STRONGROOM_FAULT_STEERING: path },
    steering,
    async objects() {
      const [folder] = await readdir(token.tokenDirectory);
      const files = await readdir(join(token.tokenDirectory, folder as string));
      return files.filter((file) => file.endsWith('.object') && file !== 'token.object').length;
    },
    async stop() {
      steering.close();
      await rm(directory, { recursive: true });
    },
  };
}

export interface AdapterOnFaultyToken {
  readonly hsm: Pkcs11Hsm;
  readonly token: FaultyToken;
  readonly steering: FaultSteering;
  readonly events: readonly HsmEvent[];
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** One in the life of a process, because the module reads where it is steered from when it is loaded. */
export async function openOnFaultyToken(
  options: Partial<Pkcs11HsmOptions> = {},
): Promise<AdapterOnFaultyToken> {
  const token = await createFaultyToken();
  Object.assign(process.env, token.env);
  const events: HsmEvent[] = [];
  const hsm = openPkcs11Hsm({
    ...adapterOptions(token),
    onEvent: (event) => events.push(event),
    ...options,
  });
  const ready = () => hsm.ready(AbortSignal.timeout(5_000));
  await ready();
  return {
    hsm,
    token,
    steering: token.steering,
    events,
    ready,
    async close() {
      token.steering.clear();
      await hsm.close();
      await token.stop();
    },
  };
}
