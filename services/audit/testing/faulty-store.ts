/**
 * A store whose steps fail when the test says so, in the two ways that matter: the step is not carried out, or it is and
 * the answer is lost (Sunlight's storage tests).
 */
import { StrongroomError } from '@strongroom/errors';
import type { CheckpointStore } from '../src/ports/checkpoint-store.ts';
import type { LogStore } from '../src/ports/log-store.ts';

export type FaultKind = 'not-applied' | 'reply-lost';
export type StoreStep = keyof LogStore | 'add' | 'addCosignature' | 'newest' | 'ofSize';

export interface Fault {
  readonly step: StoreStep;
  readonly kind: FaultKind;
  /** Fails that many calls of the step, one after the other. */
  times: number;
}

export class FaultPlan {
  fault: Fault | undefined;
  /** Calls that were made to fail. */
  failures = 0;
  /** Calls of each step, failed ones included. */
  readonly calls = new Map<StoreStep, number>();

  async run<Result>(step: StoreStep, work: () => Promise<Result>): Promise<Result> {
    this.calls.set(step, (this.calls.get(step) ?? 0) + 1);
    const { fault } = this;
    if (fault?.step !== step || fault.times === 0) return work();
    fault.times -= 1;
    this.failures += 1;
    if (fault.kind === 'reply-lost') await work();
    // Only a commit leaves its caller in doubt; every other step may simply be repeated.
    const isDoubt = step === 'commit' && fault.kind === 'reply-lost';
    throw new StrongroomError(isDoubt ? 'outcome-unknown' : 'database-unavailable');
  }
}

export function faultyStore(inner: LogStore, plan: FaultPlan): LogStore {
  return {
    takeEpoch: (seen) => plan.run('takeEpoch', () => inner.takeEpoch(seen)),
    head: () => plan.run('head', () => inner.head()),
    beat: (epoch) => plan.run('beat', () => inner.beat(epoch)),
    release: (epoch) => plan.run('release', () => inner.release(epoch)),
    commit: (batch) => plan.run('commit', () => inner.commit(batch)),
    findPlaced: (keys) => plan.run('findPlaced', () => inner.findPlaced(keys)),
    lastSequences: (subjects) => plan.run('lastSequences', () => inner.lastSequences(subjects)),
    tiles: (tiles) => plan.run('tiles', () => inner.tiles(tiles)),
    leaves: (first, end) => plan.run('leaves', () => inner.leaves(first, end)),
  };
}

export function faultyCheckpoints(inner: CheckpointStore, plan: FaultPlan): CheckpointStore {
  return {
    add: (checkpoint) => plan.run('add', () => inner.add(checkpoint)),
    addCosignature: (cosignature) => plan.run('addCosignature', () => inner.addCosignature(cosignature)),
    newest: (cosignaturesMin) => plan.run('newest', () => inner.newest(cosignaturesMin)),
    ofSize: (size) => plan.run('ofSize', () => inner.ofSize(size)),
  };
}
