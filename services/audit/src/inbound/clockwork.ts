/**
 * The rhythm of the service: gets the writer to write, shows that it lives, and has a checkpoint signed every second in
 * which the log grew.
 * A fault is reported when it changes, not at each try.
 */
import { isStrongroomError } from '@strongroom/errors';
import type { LogKeeper } from '../app/keep-log.ts';

export interface ClockworkOptions {
  readonly keeper: LogKeeper;
  readonly bringUpMs?: number;
  readonly checkpointMs?: number;
  readonly showLifeMs?: number;
  /** Asks the witnesses outside, in the rhythm of checkpoints. */
  readonly cosign?: () => Promise<void>;
  readonly report: (task: string, fault: unknown) => void;
}

/** Also how long after the return of the database entries are taken again. */
const bringUpMsDefault = 200;
const checkpointMsDefault = 1_000;
/** A fifth of the silence after which another process takes over. */
const showLifeMsDefault = 300;

export class Clockwork {
  readonly name = 'clockwork';
  readonly #tasks: readonly Rhythm[];

  constructor({ keeper, bringUpMs, checkpointMs, showLifeMs, cosign, report }: ClockworkOptions) {
    this.#tasks = [
      new Rhythm('show-life', showLifeMs ?? showLifeMsDefault, () => keeper.showLife(), report),
      new Rhythm('bring-up', bringUpMs ?? bringUpMsDefault, () => keeper.bringUp(), report),
      new Rhythm('checkpoint', checkpointMs ?? checkpointMsDefault, () => keeper.bringUpToDate(), report),
      ...(cosign === undefined
        ? []
        : [new Rhythm('cosign', checkpointMs ?? checkpointMsDefault, cosign, report)]),
    ];
  }

  start(): void {
    for (const task of this.#tasks) task.start();
  }

  /** Resolves when no round runs any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()));
  }
}

class Rhythm {
  readonly #name: string;
  readonly #everyMs: number;
  readonly #round: () => Promise<void>;
  readonly #report: ClockworkOptions['report'];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  #lastFault: string | undefined;

  constructor(name: string, everyMs: number, round: () => Promise<void>, report: ClockworkOptions['report']) {
    this.#name = name;
    this.#everyMs = everyMs;
    this.#round = round;
    this.#report = report;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#round();
      this.#lastFault = undefined;
    } catch (fault) {
      const told = isStrongroomError(fault) ? `${fault.code} ${fault.detail}` : String(fault);
      if (told !== this.#lastFault) this.#report(this.#name, fault);
      this.#lastFault = told;
    }
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, this.#everyMs);
  }
}
