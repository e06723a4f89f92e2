/** A deployment with one worker and some people and machines: where most component tests begin. */
import assert from 'node:assert/strict';
import type { OperationName, OperationReply, OperationRequest } from '@strongroom/contracts';
import { Deployment, type MorePolicy } from './deployment.ts';
import { KeyHolder } from './key-holder.ts';
import { type Answer, TestCaller } from './test-caller.ts';
import { TestWorker } from './test-worker.ts';

export class WorkerScene {
  readonly deployment: Deployment;
  readonly worker: TestWorker;
  /** Holds every privilege, and is a person. */
  readonly alice: TestCaller;

  private constructor(deployment: Deployment, worker: TestWorker) {
    this.deployment = deployment;
    this.worker = worker;
    this.alice = new TestCaller(deployment.alice);
  }

  static async set(more: readonly MorePolicy[] = []): Promise<WorkerScene> {
    const deployment = await Deployment.found(more);
    return new WorkerScene(deployment, await TestWorker.start(deployment));
  }

  /** What alice may do without asking anybody. */
  async ask<Name extends OperationName>(
    name: Name,
    params: OperationRequest<Name>,
  ): Promise<OperationReply<Name>> {
    return done<Name>(await this.alice.call(this.worker, name, params));
  }

  /** A machine with a key of its own and one role. */
  async machine(name: string, role: string, group?: string): Promise<TestCaller> {
    const holder = new KeyHolder(`app:${name}`);
    const { principal, publicKey } = holder;
    await this.ask('principal.enrol', { principal, credential: { kind: 'key', publicKey } });
    await this.bind(`${name}-${role}`, principal, role, group);
    return new TestCaller(holder);
  }

  async bind(name: string, principal: string, role: string, group?: string): Promise<void> {
    const scope = group === undefined ? ({ kind: 'tenant' } as const) : ({ kind: 'group', group } as const);
    await this.ask('binding.create', { name, principal, role, scope, effect: 'allow' });
  }
}

export function done<Name extends OperationName>(answer: Answer): OperationReply<Name> {
  assert.equal(answer.status, 'done', JSON.stringify(answer));
  return (answer as { readonly result: unknown }).result as OperationReply<Name>;
}

export function codeOf(answer: Answer): string {
  if (answer.status === 'unsealed') return answer.code;
  return answer.status === 'refused' ? answer.error.code : answer.status;
}
