/** Cursors in memory, a worker that states which sinks there are, and a sink that does what a test says. */
import type { SinkDefinition, SinksReply, SinksRequest, SinksStatement } from '@strongroom/contracts';
import { newRequestId } from '@strongroom/contracts';
import { ed25519Sign, signStatement } from '@strongroom/sealed';
import type { Sink, SinkPage } from '../src/ports/sink.ts';
import type { SinkCursors } from '../src/ports/sink-cursors.ts';
import type { SinkDirectory } from '../src/ports/sink-directory.ts';
import { origin, type TestDeployment } from './test-deployment.ts';

export class MemoryCursors implements SinkCursors {
  readonly rows = new Map<string, number>();

  async next(sink: string): Promise<number | undefined> {
    return this.rows.get(sink);
  }

  async advance(sink: string, next: number): Promise<void> {
    this.rows.set(sink, Math.max(next, this.rows.get(sink) ?? 0));
  }
}

export function fileDefinition(name: string, change: Partial<SinkDefinition> = {}): SinkDefinition {
  const target = { kind: 'file', rotateBytes: 65_536, filesMax: 2 } as const;
  return { id: newRequestId(), name, from: 0, target, ...change };
}

export class TestDirectory implements SinkDirectory {
  sinks: readonly SinkDefinition[] = [];
  /** What the next statement says that it should not. */
  change: Partial<SinksStatement> = {};
  signingKey: TestDeployment['identityKey'];
  asked = 0;
  readonly #nowMs: () => number;

  constructor(deployment: TestDeployment, nowMs: () => number) {
    this.signingKey = deployment.identityKey;
    this.#nowMs = nowMs;
  }

  async ask({ nonce }: SinksRequest): Promise<SinksReply> {
    this.asked += 1;
    const [notBefore, notAfter] = [this.#nowMs() - 60_000, this.#nowMs() + 600_000].map((ms) =>
      new Date(ms).toISOString(),
    ) as [string, string];
    const statement: SinksStatement = {
      type: 'strongroom.sinks/1',
      origin,
      nonce,
      sinks: [...this.sinks],
      notBefore,
      notAfter,
      ...this.change,
    };
    return signStatement(statement, (bytes) => ed25519Sign(this.signingKey.privateKey, bytes));
  }
}

/** Keeps what it gets; `behave` may throw before or after, or wait. */
export class TestSink implements Sink {
  readonly pages: SinkPage[] = [];
  behave: (page: SinkPage, signal: AbortSignal) => Promise<void> = async () => {};
  #watchers: (() => void)[] = [];

  async deliver(page: SinkPage, signal: AbortSignal): Promise<void> {
    await this.behave(page, signal);
    this.pages.push(page);
    for (const look of this.#watchers) look();
  }

  get indexes(): number[] {
    return this.pages.flatMap(({ lines }) => lines.map(({ index }) => index));
  }

  /** Resolves when a page has brought the entry before `size`. */
  has(size: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => this.indexes.includes(size - 1) && resolve();
    this.#watchers.push(look);
    look();
    return promise;
  }
}
