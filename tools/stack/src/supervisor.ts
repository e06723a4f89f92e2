/** All processes of one stack: started, watched, and stopped in the reverse order of their tiers. */
import { join } from 'node:path';
import { ManagedProcess, type ProcessEnd, type ProcessSpec } from './process/managed-process.ts';
import { startOnPort } from './process/port.ts';
import { lastLines } from './process/process-log.ts';
import { StackProblem } from './stack-problem.ts';

/** What stops later serves what stops earlier. */
export const tier = Object.freeze({ engine: 0, audit: 1, worker: 2, gateway: 3, edge: 4 });

export interface SupervisedSpec extends Omit<ProcessSpec, 'logFile'> {
  readonly tier: number;
  /** Ends after which it is started again, as a platform would; without it, or after others, the stack has failed. */
  readonly restartsAfter?: (end: ProcessEnd) => boolean;
}

export interface RestartChanges {
  /** On top of the environment that it has. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** In place of its parameters; for a service those of Node.js and the file to run. */
  readonly args?: readonly string[];
}

export interface SupervisorOptions {
  readonly logDir: string;
  /** Called with what runs by now, whenever that changed. */
  readonly changed: (processes: Readonly<Record<string, number>>) => Promise<void>;
  /** Gives the start up. */
  readonly signal: AbortSignal | undefined;
}

interface Entry {
  readonly spec: SupervisedSpec;
  process: ManagedProcess;
  isMinded: boolean;
  /** When it was started again by itself, lately. */
  readonly restartedAt: number[];
}

/** All of it is over in less than the 10 s that a stack may take to stop. */
const stopMsMax = 9_000;
const stopOneMsMax = 4_000;
/** A process that ends over and over is a failure. */
const restartsMax = 5;
const restartsMs = 60_000;

export class Supervisor {
  readonly #entries = new Map<string, Entry>();
  readonly #options: SupervisorOptions;
  readonly #failure = Promise.withResolvers<StackProblem>();
  readonly #start = new AbortController();
  #telling: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { signal } = options;
    signal?.addEventListener('abort', () => this.giveUp(signal.reason), { once: true });
    if (signal?.aborted) this.giveUp(signal.reason);
  }

  /** What starts at the moment fails with that reason. */
  giveUp(reason: unknown): void {
    this.#start.abort(reason);
  }

  /** Resolves with the first process that ended without being asked to. */
  get failure(): Promise<StackProblem> {
    return this.#failure.promise;
  }

  processes(): Readonly<Record<string, number>> {
    const running = [...this.#entries].filter(([, { process }]) => process.isRunning);
    return Object.fromEntries(running.map(([name, { process }]) => [name, process.pid]));
  }

  logFile(name: string): string {
    return join(this.#options.logDir, `${name}.log`);
  }

  /** Resolves when it serves. */
  async start(spec: SupervisedSpec): Promise<void> {
    this.#start.signal.throwIfAborted();
    const process = ManagedProcess.start({ ...spec, logFile: this.logFile(spec.name) });
    const entry: Entry = { spec, process, isMinded: false, restartedAt: [] };
    this.#entries.set(spec.name, entry);
    await this.#settle(entry);
  }

  /** The same for a server that has to be told its port. */
  startServer(
    name: string,
    wanted: number | undefined,
    specOf: (port: number) => SupervisedSpec | Promise<SupervisedSpec>,
  ): Promise<number> {
    return startOnPort(this.logFile(name), wanted, async (port) => this.start(await specOf(port)));
  }

  /** As a crash, or with another signal; the stack goes on without it. */
  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const entry = this.#entry(name);
    entry.isMinded = false;
    await entry.process.kill(signal);
    await this.#tellChange();
  }

  /** SIGSTOP, SIGCONT, SIGUSR1: what does not end it. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.#entry(name).process.signal(signal);
  }

  /** Starts it again, after ending it in order if it runs. Resolves when it serves. Changes hold for this time alone. */
  async restart(name: string, { extraEnv, args }: RestartChanges = {}): Promise<void> {
    const entry = this.#entry(name);
    entry.isMinded = false;
    await entry.process.stop(stopOneMsMax);
    const env = { ...entry.spec.env, ...extraEnv };
    const spec = { ...entry.spec, env, args: args ?? entry.spec.args, logFile: this.logFile(name) };
    entry.process = ManagedProcess.start(spec, true);
    await this.#settle(entry);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const giveUpMs = performance.now() + stopMsMax;
    const entries = [...this.#entries.values()];
    for (const entry of entries) entry.isMinded = false;
    const tiers = [...new Set(entries.map(({ spec }) => spec.tier))].sort((left, right) => right - left);
    for (const level of tiers) {
      const leftMs = Math.max(0, giveUpMs - performance.now());
      const inTier = entries.filter(({ spec }) => spec.tier === level);
      await Promise.all(inTier.map(({ process }) => process.stop(Math.min(leftMs, stopOneMsMax))));
    }
    await this.#tellChange();
  }

  async #settle(entry: Entry): Promise<void> {
    await entry.process.becomeReady(this.#start.signal);
    entry.isMinded = true;
    const { process } = entry;
    void process.ended.then((end) => this.#mind(entry, process, end));
    await this.#tellChange();
  }

  /** One after the other, so that what is told last is what is true. */
  #tellChange(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#options.changed(this.processes()));
    return this.#telling;
  }

  #mind(entry: Entry, process: ManagedProcess, end: ProcessEnd): void {
    if (!entry.isMinded || entry.process !== process) return;
    const { name, restartsAfter } = entry.spec;
    if (restartsAfter?.(end) === true && this.#mayRestart(entry)) {
      this.restart(name).catch((problem) => this.#failure.resolve(problem));
      return;
    }
    const how = end.signal === null ? `with status ${end.status}` : `by ${end.signal}`;
    this.#failure.resolve(new StackProblem(`${name} ended ${how}`, lastLines(this.logFile(name))));
  }

  #mayRestart({ restartedAt }: Entry): boolean {
    const now = performance.now();
    const recent = restartedAt.filter((at) => now - at < restartsMs);
    restartedAt.splice(0, Infinity, ...recent, now);
    return recent.length < restartsMax;
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new TypeError(`the stack has no process ${name}`);
    return entry;
  }
}
