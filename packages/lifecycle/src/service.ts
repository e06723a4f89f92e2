/**
 * The life of a process: start its parts in order, serve, and on a signal stop them in reverse order within the drain
 * time. A part that fails to start stops those that have started; a stop during the start lets the part at hand finish
 * its start, so that no part is ever left half alive.
 */
import { StrongroomError } from '@strongroom/errors';
import { StatusFile } from './status-file.ts';

export interface Component {
  readonly name: string;
  start(): Promise<void> | void;
  /** Stops intake, finishes what is under way, releases what it holds. Called once, and only after `start` succeeded. */
  stop(): Promise<void> | void;
  /** `undefined` or absent: ready. Else the reason why it is not, for people. */
  unready?(): string | undefined;
}

export interface ReportFields {
  readonly component?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly error?: unknown;
}

/** Where a service tells what happens to it; a logger behind it. */
export type Report = (event: string, fields: ReportFields) => void;

export interface ServiceOptions {
  readonly name: string;
  readonly components: readonly Component[];
  readonly drainMs?: number;
  /** Where the state is written for exec probes and scripts. */
  readonly statusFile?: string | undefined;
  readonly report: Report;
}

export type ServiceState = 'starting' | 'ready' | 'degraded' | 'stopping' | 'stopped';

const drainMsDefault = 10_000;
const refreshMs = 250;

export class Service {
  readonly #options: ServiceOptions;
  readonly #started: Component[] = [];
  readonly #status: StatusFile | undefined;
  #state: ServiceState = 'starting';
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> = Promise.resolve();
  readonly #failure = Promise.withResolvers<unknown>();
  #stopping: Promise<boolean> | undefined;
  readonly #retirement = Promise.withResolvers<void>();

  constructor(options: ServiceOptions) {
    this.#options = options;
    if (options.statusFile === undefined) return;
    this.#status = new StatusFile(options.statusFile, (error) =>
      options.report('status-file-failed', { error }),
    );
  }

  get report(): Report {
    return this.#options.report;
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** Component name → why it is not ready. A part that has not started yet is not ready either. */
  unready(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const component of this.#options.components) {
      const reason = this.#started.includes(component) ? component.unready?.() : this.#state;
      if (reason !== undefined) found[component.name] = reason;
    }
    return found;
  }

  /** Resolves with why the process has to end, should a part say so. */
  get failure(): Promise<unknown> {
    return this.#failure.promise;
  }

  /** A part can not go on and nothing here can mend it. The first reason counts. */
  fail(reason: unknown): void {
    this.#failure.resolve(reason);
  }

  /** Rejects with the fault of the part that did not start, or with `stopping`, after the others were stopped. */
  async start(): Promise<void> {
    this.#writeStatus();
    this.#starting = this.#startInOrder();
    try {
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#stopping !== undefined) {
      await this.#stopping;
      throw new StrongroomError('stopping');
    }
    this.#refresh();
    this.#timer = setInterval(() => this.#refresh(), refreshMs);
  }

  /** A part of it asks for the end of the process, and for another one in its place. */
  readonly retire = (): void => this.#retirement.resolve();

  get retirement(): Promise<void> {
    return this.#retirement.promise;
  }

  /** `false`: the drain time was over before everything had stopped. The first call decides on the time. */
  stop(drainMs = this.#options.drainMs ?? drainMsDefault): Promise<boolean> {
    this.#stopping ??= this.#stopAll(drainMs);
    return this.#stopping;
  }

  async #startInOrder(): Promise<void> {
    for (const component of this.#options.components) {
      if (this.#stopping !== undefined) return;
      try {
        await component.start();
      } catch (error) {
        this.#options.report('component-start-failed', { component: component.name, error });
        throw error;
      }
      this.#started.push(component);
      this.#options.report('component-started', { component: component.name });
    }
  }

  async #stopAll(drainMs: number): Promise<boolean> {
    clearInterval(this.#timer);
    this.#setState('stopping');
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      deadline = setTimeout(() => resolve(false), drainMs);
    });
    const isClean = await Promise.race([this.#stopInOrder(), late]);
    clearTimeout(deadline);
    this.#setState('stopped');
    return isClean;
  }

  async #stopInOrder(): Promise<true> {
    // Whoever called `start` hears of a failure.
    await this.#starting.catch(() => undefined);
    for (const component of this.#started.toReversed()) {
      try {
        await component.stop();
        this.#options.report('component-stopped', { component: component.name });
      } catch (error) {
        this.#options.report('component-stop-failed', { component: component.name, error });
      }
    }
    return true;
  }

  #refresh(): void {
    this.#setState(Object.keys(this.unready()).length === 0 ? 'ready' : 'degraded');
  }

  #setState(state: ServiceState): void {
    if (state !== this.#state) {
      this.#state = state;
      const reasons = Object.entries(this.unready()).map(([name, reason]) => `${name}: ${reason}`);
      this.#options.report('service-state', {
        state,
        ...(state === 'degraded' ? { reason: reasons.join('; ') } : {}),
      });
    }
    this.#writeStatus();
  }

  #writeStatus(): void {
    this.#status?.write({ name: this.#options.name, state: this.#state, unready: this.unready() });
  }
}
