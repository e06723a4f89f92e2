/** One worker process on a deployment: the real composition, with the ports that outlive it. It can be killed at a step. */

import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import { makeSeedRegistry } from '../src/app/platform/seed-registry.ts';
import { composeWorker, type Worker, type WorkerPorts } from '../src/compose-worker.ts';
import type { StepName } from '../src/ports/steps.ts';
import { type Deployment, pool, tenant } from './deployment.ts';

type Fields = Parameters<WorkerPorts['report']>[1];

/** How the next call of a method of a port fails: before it did anything, or after it did everything. */
export interface PortFault {
  readonly method: string;
  readonly kind: 'not-applied' | 'reply-lost';
  readonly code: ErrorCode;
  /** Fails only where the first argument fits. */
  readonly when?: (argument: unknown) => boolean;
}

export class TestWorker {
  readonly name: string;
  readonly steps: { readonly name: StepName; readonly requestId: string }[] = [];
  readonly reports: { readonly event: string; readonly fields: Fields }[] = [];
  readonly deployment: Deployment;
  worker!: Worker;
  #deathAt: StepName | undefined;
  #isDead = false;
  readonly #death = Promise.withResolvers<'killed'>();
  readonly #faults: PortFault[] = [];

  private constructor(deployment: Deployment, name: string) {
    this.deployment = deployment;
    this.name = name;
  }

  static async start(deployment: Deployment, name = 'worker-1'): Promise<TestWorker> {
    const started = new TestWorker(deployment, name);
    const { clock, signed } = deployment;
    const ports: WorkerPorts = {
      hsm: started.#mortal(deployment.hsm),
      registry: started.#mortal(deployment.registry),
      auditLog: started.#mortal(deployment.auditLog),
      approvals: started.#mortal(deployment.approvals),
      issuerKeys: started.#mortal(deployment.issuers),
      clock,
      pause: async () => new Promise((resolve) => setImmediate(resolve)),
      publish: (step, requestId) => started.#publish(step, requestId),
      report: (event, fields) => void started.reports.push({ event, fields }),
      receiptEpoch: () => 1,
      settled: async () => {},
    };
    started.worker = await composeWorker(ports, {
      ...{ worker: name, version: '0.1.0', pool, tenant },
      gcmInvocationsMax: 2 ** 31,
    });
    const { change, ticketKeys, keyring, reconcile } = started.worker;
    const nothing = { registry: undefined, checkpoint: undefined, receiptKey: undefined };
    await makeSeedRegistry({ ...ports, signed, change, anchor: { read: async () => nothing } })();
    await ticketKeys.refresh();
    await keyring.refresh();
    await reconcile();
    return started;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** From the moment of this step on, nothing that it does reaches anybody. */
  dieAt(step: StepName, onDeath: () => void = () => {}): void {
    this.#deathAt = step;
    void this.#death.promise.then(onDeath);
  }

  failNext(fault: PortFault): void {
    this.#faults.push(fault);
  }

  /** The answer, or `killed`. */
  handle(kind: 'frame' | 'approved', bytes: Uint8Array): Promise<Uint8Array | 'killed'> {
    return Promise.race([this.worker.handle({ kind, bytes }), this.#death.promise]);
  }

  #publish(name: StepName, requestId: string): void {
    this.steps.push({ name, requestId });
    if (name !== this.#deathAt) return;
    this.#isDead = true;
    this.#death.resolve('killed');
  }

  /** A port whose methods fail when they are told to, and never return once the process is dead. */
  #mortal<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (this.#isDead) return new Promise(() => {});
          const at = this.#faults.findIndex(
            ({ method, when }) => method === name && (when?.(args[0]) ?? true),
          );
          const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
          return fault === undefined
            ? member.apply(target, args)
            : fail(fault, () => member.apply(target, args));
        };
      },
    });
  }
}

async function fail({ kind, code }: PortFault, call: () => unknown): Promise<never> {
  if (kind === 'reply-lost') await call();
  throw new StrongroomError(code);
}
