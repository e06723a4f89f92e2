/** The whole writer on a given store: what `compose.ts` plugs together, without bus, clockwork and process. */
import type { AppendReply, AppendRequest, EntryBody } from '@strongroom/contracts';
import { FakeClock } from '@strongroom/testing';
import { makeAdmitAppend } from '../src/app/admit-append.ts';
import { makeAppendEntries } from '../src/app/append-entries.ts';
import { makeCountEntries } from '../src/app/count-entries.ts';
import { makeExportEntries } from '../src/app/export-entries.ts';
import { makeFetchNodes } from '../src/app/fetch-nodes.ts';
import type { FindArchived } from '../src/app/find-archived.ts';
import { makeFindEntries } from '../src/app/find-entries.ts';
import { type LogKeeper, makeKeepLog } from '../src/app/keep-log.ts';
import { LogWriter } from '../src/app/log-writer.ts';
import { makeOpenLog } from '../src/app/open-log.ts';
import { makeQueryEntries } from '../src/app/query-entries.ts';
import { makeSignCheckpoint } from '../src/app/sign-checkpoint.ts';
import type { WriterState } from '../src/app/writer-state.ts';
import type { CheckpointStore } from '../src/ports/checkpoint-store.ts';
import type { Clock } from '../src/ports/clock.ts';
import type { EntryReader } from '../src/ports/entry-reader.ts';
import type { LogStore } from '../src/ports/log-store.ts';
import { origin, type TestDeployment, type TestWitness, type TestWorker } from './test-deployment.ts';

export interface TestLogParts {
  readonly deployment: TestDeployment;
  readonly witness: TestWitness;
  readonly store: LogStore;
  readonly checkpoints: CheckpointStore;
  readonly reader: EntryReader;
  readonly clock?: TestClock;
  readonly cosignaturesMin?: number;
  readonly findArchived?: FindArchived;
}

export class TestClock extends FakeClock implements Clock {
  monotonicMs(): number {
    return this.nowMs();
  }
}

export interface TestLog {
  readonly writer: LogWriter;
  readonly keeper: LogKeeper;
  readonly clock: TestClock;
  readonly states: WriterState[];
  readonly commits: number[];
  readonly query: ReturnType<typeof makeQueryEntries>;
  readonly count: ReturnType<typeof makeCountEntries>;
  readonly exportPage: ReturnType<typeof makeExportEntries>;
  /** As a message of a worker, with a checked answer: indexes by position. */
  append(worker: TestWorker, bodies: readonly EntryBody[]): Promise<ReadonlyMap<number, number>>;
  appendRaw(worker: TestWorker, bodies: readonly EntryBody[]): Promise<AppendReply>;
  appendSigned(request: AppendRequest): Promise<AppendReply>;
}

export function makeTestLog(parts: TestLogParts): TestLog {
  const { deployment, witness, store, checkpoints, reader, clock = new TestClock() } = parts;
  const { cosignaturesMin = 0 } = parts;
  const { identity, signAsService } = deployment;
  const states: WriterState[] = [];
  const commits: number[] = [];
  const writer = new LogWriter({
    store,
    clock,
    onState: (state) => states.push(state),
    onCommit: ({ entries }) => commits.push(entries),
  });
  const trust = { identity, origin };
  const fetchNodes = makeFetchNodes(store);
  const signCheckpoint = makeSignCheckpoint({ checkpoints, witness, fetchNodes, ...trust });
  const receiptKey = { witness, signAsService, identity, clock };
  // Whoever comes later takes over at once; `await-turn.test.ts` is about who stands by.
  const awaitTurn = () => store.head();
  const openLog = makeOpenLog({ store, awaitTurn, checkpoints, writer, receiptKey, signCheckpoint, trust });
  const keeper = makeKeepLog({ writer, openLog, signCheckpoint, isReachable: () => true });
  const admitAppend = makeAdmitAppend({ identity, clock });
  const appendEntries = makeAppendEntries({ admitAppend, writer });
  const appendSigned: TestLog['appendSigned'] = (request) => appendEntries(request, 5_000);
  const appendRaw: TestLog['appendRaw'] = (worker, bodies) => appendSigned(worker.sign(bodies));
  return {
    writer,
    keeper,
    clock,
    states,
    commits,
    query: makeQueryEntries({ reader, checkpoints }),
    count: makeCountEntries({ reader, checkpoints, entriesMax: 25 }),
    exportPage: makeExportEntries({
      reader,
      findEntries: makeFindEntries({ reader, findArchived: parts.findArchived }),
      checkpoints,
      ...{ trust, cosignaturesMin },
      fetchNodes,
      bringUpToDate: () => keeper.bringUpToDate().catch(() => undefined),
    }),
    appendSigned,
    appendRaw,
    append: async (worker, bodies) => worker.verify(bodies, await appendRaw(worker, bodies)),
  };
}
