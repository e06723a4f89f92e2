/**
 * The rhythm of streaming: asks for the sinks again and again, and moves each of them at its own pace. Sinks share nothing but
 * the turn in which pages are read, so one that hangs or fails delays neither another nor the writer.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { SinkDefinition } from '@strongroom/contracts';
import type { KnownSinks } from '../app/known-sinks.ts';
import type { makeStreamPage, SinkProgress } from '../app/stream-page.ts';
import { backOffMs } from '../domain/back-off.ts';
import type { OpenSink } from '../ports/sink.ts';

export interface SinkState extends Partial<SinkProgress> {
  readonly name: string;
  readonly failures: number;
}

export interface SinkPumpOptions {
  readonly known: KnownSinks;
  readonly streamPage: ReturnType<typeof makeStreamPage>;
  readonly openSink: OpenSink;
  /** Only the writer streams: a process in waiting would send everything twice. */
  readonly isWriting: () => boolean;
  readonly report: (task: string, fault: unknown) => void;
  readonly refreshMs?: number;
  readonly idleMs?: number;
  readonly deliverMsMax?: number;
  readonly backOff?: (failures: number) => number;
}

const refreshMsDefault = 5_000;
const idleMsDefault = 1_000;
const deliverMsMaxDefault = 15_000;
/** Between pages that follow each other: the process has a writer to serve. */
const breathMs = 5;

export class SinkPump {
  readonly name = 'sinks';
  readonly #options: SinkPumpOptions;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<string, { readonly definition: string; readonly stop: AbortController }>();
  readonly #states = new Map<string, SinkState>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: SinkPumpOptions) {
    this.#options = options;
  }

  start(): void {
    this.#run(this.#refresh());
  }

  /** Resolves when nothing is under way any more; what was is delivered again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const { stop } of this.#loops.values()) stop.abort();
    await Promise.all(this.#running);
  }

  get states(): readonly SinkState[] {
    return [...this.#states.values()];
  }

  #run(loop: Promise<void>): void {
    const done = loop.finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  async #refresh(): Promise<void> {
    const { known, isWriting, report, refreshMs = refreshMsDefault } = this.#options;
    const { signal } = this.#stopping;
    let told = '';
    while (!signal.aborted) {
      try {
        if (isWriting()) await known.refresh();
        told = '';
      } catch (fault) {
        if (told !== String(fault)) report('sinks', fault);
        told = String(fault);
      }
      if (!signal.aborted) this.#follow(isWriting() ? known.definitions : []);
      await rest(refreshMs, signal);
    }
  }

  /** A sink that changed is one that ended and another that begins where it was. */
  #follow(definitions: readonly SinkDefinition[]): void {
    const wanted = new Map(definitions.map((each) => [each.id, each]));
    for (const [id, { definition, stop }] of this.#loops) {
      if (definition === JSON.stringify(wanted.get(id))) continue;
      stop.abort();
      this.#loops.delete(id);
      this.#states.delete(id);
    }
    for (const definition of definitions) {
      if (this.#loops.has(definition.id)) continue;
      const stop = new AbortController();
      this.#loops.set(definition.id, { definition: JSON.stringify(definition), stop });
      this.#run(this.#stream(definition, stop.signal));
    }
  }

  async #stream(definition: SinkDefinition, signal: AbortSignal): Promise<void> {
    const { openSink, streamPage, known, report, idleMs = idleMsDefault } = this.#options;
    const { deliverMsMax = deliverMsMaxDefault, backOff = (n) => backOffMs(n, Math.random()) } =
      this.#options;
    const { id, name } = definition;
    const sink = openSink(definition);
    let failures = 0;
    while (!signal.aborted) {
      // The list that names it may have run out.
      if (!known.definitions.some((each) => each.id === id)) return void this.#loops.delete(id);
      try {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(deliverMsMax)]);
        const progress = await streamPage(definition, sink, deadline);
        failures = 0;
        if (!signal.aborted) this.#states.set(id, { name, failures, ...progress });
        await rest(progress.lag > 0 ? breathMs : idleMs, signal);
      } catch (fault) {
        if (signal.aborted) return;
        failures += 1;
        this.#states.set(id, { ...this.#states.get(id), name, failures });
        if (failures === 1) report(`sink ${name}`, fault);
        await rest(backOff(failures), signal);
      }
    }
  }
}

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);
