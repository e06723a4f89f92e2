/** The PKCS#11 adapter in another process on the same token, asked over the process channel. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { SoftHsmToken } from '@strongroom/testing';
import type { Hsm } from '../src/ports/hsm.ts';
import { adapterOptions } from './softhsm-adapter.ts';

export type HsmMethod = Exclude<keyof Hsm, 'describe' | 'encryptions'>;

export interface HsmRequest {
  readonly id: number;
  readonly method: HsmMethod;
  readonly args: readonly unknown[];
}

export type HsmAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: string };

export interface HsmProcess {
  /** The value, or the code of the refusal. */
  call(method: HsmMethod, ...args: unknown[]): Promise<{ value?: unknown; code?: string }>;
  stop(): Promise<void>;
}

export async function startHsmProcess(token: SoftHsmToken): Promise<HsmProcess> {
  const child = fork(new URL('./hsm-process-main.ts', import.meta.url), {
    env: { ...process.env, ...token.env },
    serialization: 'advanced',
  });
  const exited = once(child, 'exit');
  const waiting = new Map<number, (answer: HsmAnswer) => void>();
  child.send(adapterOptions(token));
  await once(child, 'message');
  child.on('message', (answer) => {
    const { id } = answer as HsmAnswer;
    waiting.get(id)?.(answer as HsmAnswer);
    waiting.delete(id);
  });
  let requests = 0;
  return {
    call(method, ...args) {
      requests += 1;
      const answer = Promise.withResolvers<HsmAnswer>();
      waiting.set(requests, answer.resolve);
      child.send({ id: requests, method, args } satisfies HsmRequest);
      return answer.promise;
    },
    async stop() {
      child.disconnect();
      await exited;
    },
  };
}
