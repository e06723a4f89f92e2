/**
 * Keeps one connection to the token, or the truth that there is none.
 *
 * - `ready`: there is a connection. A probe (find and use) about every second notices a loss without traffic as well.
 * - `recovering`: there is none. Every request for it is refused at once. A loop finalises the module, initialises it, logs
 *   in and looks everything up again, since a lost SoftHSM directory never comes back to a process in any other way; it
 *   backs off to one attempt a second, so the service is back within about that after the device.
 *
 * The module is the process's: finalising it under a call on another thread is a crash, so the loop first waits for such
 * calls. One that never returns keeps the state `recovering` for ever, and so does one that holds this very thread; only a
 * new process ends that, so it is told as `stuck`, or seen by the watchdog.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { StrongroomError } from '@strongroom/errors';
import { asFault, type Pkcs11Fault } from './fault.ts';
import { isPermanent, reasonOf } from './obstacle.ts';
import type { ConnectionOptions, TokenAccess, TokenConnection } from './token-connection.ts';
import { TokenConnector } from './token-connector.ts';

export type HsmEvent =
  | { readonly kind: 'ready'; readonly afterMs: number }
  /** `reason` is a return code's name or an error's detail; given again when it changes. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** A call on another thread does not return, so the module can not be initialised again: only a new process can. */
  | { readonly kind: 'stuck' };

export interface SupervisorOptions extends ConnectionOptions {
  readonly onEvent: (event: HsmEvent) => void;
  readonly probeMs: number;
  readonly pauseMsMax: number;
  /** How long a lost connection waits for calls on other threads before it is told as stuck. */
  readonly settleMsMax: number;
  /** Runs what may hold the thread long without being hung: a new connection reads the whole token. */
  readonly patiently: Patiently;
}

export type Patiently = <Result>(work: () => Result) => Result;

/** A probe walks all objects; it may take a hundredth of the time, no more. */
const probeShare = 100;
const pauseMsFirst = 5;
const probeAgainMs = 20;
const retryAfterMs = 1_000;

export class TokenSupervisor implements TokenAccess {
  readonly patiently: Patiently;
  readonly #options: SupervisorOptions;
  readonly #connector: TokenConnector;
  readonly #closing = new AbortController();
  #connection: TokenConnection | undefined;
  #reason = 'not connected yet';
  /** To connect, since a connection last proved itself by outliving a probe. */
  #attempts = 0;
  #becameReady = Promise.withResolvers<void>();
  #recovery: Promise<void> = Promise.resolve();
  #probeTimer: NodeJS.Timeout | undefined;
  #knownLabels: readonly string[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.patiently = options.patiently;
    this.#connector = new TokenConnector(options);
  }

  /** One attempt now; the loop goes on where it fails. Throws only what no retry can mend. */
  start(): void {
    const since = performance.now();
    const obstacle = this.#attempt(since);
    if (obstacle === undefined) return;
    if (isPermanent(obstacle)) throw obstacle;
    this.#recovery = this.#recover(since, undefined);
  }

  get current(): TokenConnection | undefined {
    return this.#connection;
  }

  /** Throws `hsm-unavailable` at once while there is none. */
  connection(): TokenConnection {
    if (this.#connection === undefined) throw this.#unavailable();
    return this.#connection;
  }

  /**
   * A connection that sees everything that other processes have made: the current one, or where our own changes may
   * hide theirs, a new one in its place, with no moment in between. Only for work that changes the token, which runs
   * alone: nothing may be on another thread.
   */
  fresh(): TokenConnection {
    const masked = this.connection();
    if (!masked.isMasked) return masked;
    if (masked.sessions.isBusy) throw new StrongroomError('overloaded', { detail: 'HSM', retryAfterMs });
    masked.sessions.end();
    this.#knownLabels = masked.keys.labels();
    try {
      this.#connection = this.#connect();
    } catch (error) {
      this.fail(masked, error);
      throw error;
    }
    clearTimeout(this.#probeTimer);
    this.#scheduleProbe(this.#connection, this.#options.probeMs);
    return this.#connection;
  }

  /** Resolves when a connection is there; rejects with the reason why it is not when the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#connection !== undefined) return;
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(this.#unavailable()), { once: true });
    if (signal.aborted) throw this.#unavailable();
    while (this.#connection === undefined) await Promise.race([this.#becameReady.promise, aborted.promise]);
  }

  async recovered(error: unknown, waitMsMax: number): Promise<void> {
    const fault = asFault(error);
    if (fault !== undefined) this.judge(this.#connection, fault);
    await this.ready(AbortSignal.timeout(Math.ceil(waitMsMax)));
  }

  /** What a fault means for the caller; starts the recovery where the connection is lost. */
  judge(connection: TokenConnection | undefined, fault: Pkcs11Fault): StrongroomError {
    const lost = connection === undefined ? undefined : this.#isLost(connection, fault);
    if (connection !== undefined && lost !== undefined) this.fail(connection, lost);
    const { code, name } = fault.returnCode;
    if (fault.afterChange || (fault.inChange && fault.action !== 'refuse')) {
      return new StrongroomError('outcome-unknown', { detail: name, cause: fault });
    }
    return new StrongroomError(code, {
      detail: name,
      cause: fault,
      ...(code === 'hsm-unavailable' ? { retryAfterMs } : {}),
    });
  }

  /** Gives the connection up, once; what was already replaced is left alone. */
  fail(connection: TokenConnection, cause: unknown): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.sessions.end();
    this.#becameReady = Promise.withResolvers();
    clearTimeout(this.#probeTimer);
    this.#knownLabels = connection.keys.labels();
    this.#report(reasonOf(cause));
    this.#recovery = this.#recover(performance.now(), connection);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#probeTimer);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#reason = 'closed';
    connection?.sessions.end();
    await this.#recovery;
    await connection?.sessions.settled();
    this.#connector.finalise();
  }

  #isLost(connection: TokenConnection, fault: Pkcs11Fault): unknown {
    if (fault.action === 'reopen') return fault;
    if (fault.action === 'refuse') return undefined;
    try {
      connection.probe();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /**
   * At once for a connection that had proven itself, else after a pause that grows: a device that logs in well and then
   * fails every call must not be logged in to a hundred times a second.
   */
  async #recover(since: number, lost: TokenConnection | undefined): Promise<void> {
    const { signal } = this.#closing;
    if (lost !== undefined) await this.#settled(lost);
    for (;;) {
      if (this.#attempts > 0) {
        const pause = Math.min(pauseMsFirst * 2 ** (this.#attempts - 1), this.#options.pauseMsMax);
        // Two processes that log in in step keep meeting the file that the other has just emptied.
        await delay(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(ignoreAbort);
      }
      if (signal.aborted) return;
      if (this.#attempt(since) === undefined) return;
    }
  }

  #connect(): TokenConnection {
    return this.#options.patiently(() => this.#connector.connect(this.#knownLabels));
  }

  async #settled(lost: TokenConnection): Promise<void> {
    const { onEvent, settleMsMax } = this.#options;
    const timer = setTimeout(() => onEvent({ kind: 'stuck' }), settleMsMax);
    await lost.sessions.settled();
    clearTimeout(timer);
  }

  /** `undefined` when it worked. */
  #attempt(since: number): unknown {
    let connection: TokenConnection;
    this.#attempts += 1;
    try {
      connection = this.#connect();
    } catch (error) {
      this.#report(reasonOf(error));
      return error;
    }
    this.#connection = connection;
    this.#reason = '';
    this.#options.onEvent({ kind: 'ready', afterMs: performance.now() - since });
    this.#becameReady.resolve();
    this.#scheduleProbe(connection, this.#options.probeMs);
    return undefined;
  }

  #scheduleProbe(connection: TokenConnection, afterMs: number, isSecond = false): void {
    this.#probeTimer = setTimeout(() => this.#probe(connection, isSecond), afterMs).unref();
  }

  /** Twice before it is believed: another process that logs in takes the token away for less than a millisecond. */
  #probe(connection: TokenConnection, isSecond: boolean): void {
    const begin = performance.now();
    try {
      connection.probe();
    } catch (error) {
      if (isSecond) this.fail(connection, error);
      else this.#scheduleProbe(connection, probeAgainMs, true);
      return;
    }
    this.#attempts = 0;
    const leisure = (performance.now() - begin) * probeShare;
    this.#scheduleProbe(connection, Math.max(this.#options.probeMs, leisure));
  }

  #report(reason: string): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#options.onEvent({ kind: 'unavailable', reason });
  }

  #unavailable(): StrongroomError {
    return new StrongroomError('hsm-unavailable', { detail: this.#reason, retryAfterMs });
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
