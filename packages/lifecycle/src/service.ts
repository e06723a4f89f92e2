/**
 * The life of a process: start its parts in order, serve, and on a signal stop them in reverse order within the drain
 * time. A part that fails to start stops those that have started. A process that cannot go on ends with status 1.
 */
import { StatusFile } from './status-file.ts';

export interface Component {
  readonly name: string;
  start(): Promise<void> | void;
  /** Stops intake, finishes what is under way, releases what it holds. */
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
const statusMs = 250;

export class Service {
  readonly #options: ServiceOptions;
  readonly #started: Component[] = [];
  readonly #status: StatusFile | undefined;
  #state: ServiceState = 'starting';
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<boolean> | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#status = options.statusFile === undefined ? undefined : new StatusFile(options.statusFile);
  }

  get report(): Report {
    return this.#options.report;
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** Component name → why it is not ready. */
  unready(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const component of this.#started) {
      const reason = component.unready?.();
      if (reason !== undefined) found[component.name] = reason;
    }
    return found;
  }

  /** Rejects with the fault of the part that did not start, after the others were stopped. */
  async start(): Promise<void> {
    this.#writeStatus();
    for (const component of this.#options.components) {
      try {
        await component.start();
      } catch (error) {
        this.#options.report('component-start-failed', { component: component.name, error });
        await this.stop();
        throw error;
      }
      this.#started.push(component);
      this.#options.report('component-started', { component: component.name });
    }
    this.#refresh();
    this.#timer = setInterval(() => this.#refresh(), statusMs);
  }

  /** `false`: the drain time was over before everything had stopped. */
  stop(): Promise<boolean> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<boolean> {
    clearInterval(this.#timer);
    this.#setState('stopping');
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      deadline = setTimeout(() => resolve(false), this.#options.drainMs ?? drainMsDefault);
    });
    const isClean = await Promise.race([this.#stopInOrder(), late]);
    clearTimeout(deadline);
    this.#setState('stopped');
    return isClean;
  }

  async #stopInOrder(): Promise<true> {
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
    if (state !== this.#state)
      this.#options.report('service-state', { state, reason: JSON.stringify(this.unready()) });
    this.#state = state;
    this.#writeStatus();
  }

  #writeStatus(): void {
    this.#status?.write({ name: this.#options.name, state: this.#state, unready: this.unready() });
  }
}
