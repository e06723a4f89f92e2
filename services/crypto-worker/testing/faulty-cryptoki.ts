/**
 * A PKCS#11 module that does what the real one behind it does, except where a test tells it to fail: the device's moods
 * that SoftHSM does not have. It also counts calls.
 */
import type { Cryptoki } from '../src/outbound/pkcs11/cryptoki.ts';

type Method = keyof Cryptoki;

interface PlannedFault {
  readonly returnValue: number;
  /** True: the module does its work and the answer is lost. */
  readonly afterEffect: boolean;
}

export interface FaultyCryptoki {
  readonly cryptoki: Cryptoki;
  calls(method: Method): number;
  /** One fault per call, in order; `count` of them. */
  failNext(method: Method, returnValue: number, options?: { afterEffect?: boolean; count?: number }): void;
  /** The next call of an asynchronous method settles only when the returned function is called. */
  hangNext(method: Method): () => void;
  clear(): void;
  /** From now on every call says that the device was removed, until it is plugged in again. */
  unplug(): void;
  plugIn(): void;
}

const deviceRemoved = 0x32;

/** The three shapes in which the binding throws a return code. */
const shapes = [
  (value: number) => Object.assign(new Error('CKR_OF_TEST'), { name: 'Pkcs11Error', code: value }),
  (value: number) => new Error(`CKR_OF_TEST:${value}\n    at PKCS11.C_Method`),
];

const removed: PlannedFault = { returnValue: deviceRemoved, afterEffect: false };

export function makeFaulty(real: Cryptoki): FaultyCryptoki {
  const counts = new Map<Method, number>();
  const faults = new Map<Method, PlannedFault[]>();
  const hangs = new Map<Method, Promise<void>>();
  let thrown = 0;
  let isUnplugged = false;

  const fault = (returnValue: number) => {
    thrown += 1;
    return (shapes[thrown % shapes.length] as (value: number) => Error)(returnValue);
  };

  const call = (method: Method, args: unknown[]): unknown => {
    counts.set(method, (counts.get(method) ?? 0) + 1);
    const planned = isUnplugged && method !== 'C_Finalize' ? removed : faults.get(method)?.shift();
    const hang = hangs.get(method);
    hangs.delete(method);
    const isAsync = method.endsWith('Async');
    if (planned !== undefined && !planned.afterEffect) {
      const error = fault(planned.returnValue);
      if (isAsync) return Promise.reject(error);
      throw error;
    }
    const result = (real[method] as (...all: unknown[]) => unknown).apply(real, args);
    if (!isAsync) {
      if (planned !== undefined) throw fault(planned.returnValue);
      return result;
    }
    return (async () => {
      const answer = await result;
      await hang;
      if (planned !== undefined) throw fault(planned.returnValue);
      return answer;
    })();
  };

  return {
    cryptoki: new Proxy(real, {
      get:
        (_, method) =>
        (...args: unknown[]) =>
          call(method as Method, args),
    }),
    calls: (method) => counts.get(method) ?? 0,
    failNext(method, returnValue, { afterEffect = false, count = 1 } = {}) {
      const planned = Array.from({ length: count }, () => ({ returnValue, afterEffect }));
      faults.set(method, [...(faults.get(method) ?? []), ...planned]);
    },
    hangNext(method) {
      const hang = Promise.withResolvers<void>();
      hangs.set(method, hang.promise);
      return hang.resolve;
    },
    clear() {
      faults.clear();
      hangs.clear();
    },
    unplug() {
      isUnplugged = true;
    },
    plugIn() {
      isUnplugged = false;
    },
  };
}
