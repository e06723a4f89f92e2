import type { Governance } from '../../ports/governance.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';

export interface StatusPorts {
  readonly worker: { readonly name: string; readonly pool: string; readonly version: string };
  readonly hsm: Pick<Hsm, 'describe'>;
  readonly registry: Pick<Registry, 'sequence'>;
  readonly governance: Governance;
  /** What other parts of the worker know of themselves. */
  readonly vitals: {
    /** Newest sealing key in force. */
    sealingKey(): { readonly epoch: number; readonly notAfter: string };
    /** Epoch of the newest receipt that was checked; 0 before the first. */
    receiptEpoch(): number;
    /** Mutations that were interrupted and wait for reconciliation. */
    interrupted(): Promise<number>;
  };
}

export function makeShowStatus({
  worker,
  hsm,
  registry,
  governance,
  vitals,
}: StatusPorts): CarryOut<'system.status'> {
  return async () => {
    const root = await governance.root();
    const { label, model, serial, state } = hsm.describe();
    return {
      result: {
        worker: worker.name,
        pool: worker.pool,
        version: worker.version,
        hsm: { label, model, serial, state },
        registrySequence: registry.sequence(),
        sealingKey: vitals.sealingKey(),
        receiptEpoch: vitals.receiptEpoch(),
        governance: {
          version: root.version,
          approvers: root.approvers.length,
          policies: root.policies.map(({ name }) => name),
        },
        unknownOutcomes: await vitals.interrupted(),
      },
    };
  };
}
