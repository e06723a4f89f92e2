/** One process of the stack: started in a group of its own, watched, stopped by its own process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { StackProblem } from '../stack-problem.ts';
import { type CommandLine, type DeathSignal, endingWithUs } from './death-signal.ts';
import { beginLog, continueLog, lastLines } from './process-log.ts';

export interface ProcessSpec extends CommandLine {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** What asks it to end; PostgreSQL takes SIGINT for a fast shutdown. */
  readonly stopSignal?: `SIG${DeathSignal}`;
  /** Whether it serves by now. Asked often; a fault means not yet. */
  readonly isReady: (pid: number) => boolean | Promise<boolean>;
  readonly readyMsMax: number;
}

export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

const askReadyMs = 15;
/** Programs are named by their paths; this is for what they look up by themselves. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export class ManagedProcess {
  readonly spec: ProcessSpec;
  /** Settles when the process has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;

  private constructor(spec: ProcessSpec, child: ChildProcess) {
    this.spec = spec;
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (status, signal) => resolve({ status, signal }));
      child.once('error', () => resolve({ status: 127, signal: null }));
    });
  }

  /** Starts it without waiting until it serves. */
  static start(spec: ProcessSpec, isAgain = false): ManagedProcess {
    const log = isAgain ? continueLog(spec.logFile) : beginLog(spec.logFile);
    const { command, args } = endingWithUs(spec, spec.stopSignal === 'SIGINT' ? 'INT' : 'TERM');
    try {
      const child = spawn(command, args, {
        // A group of its own: Ctrl-C on the terminal is for the stack, which stops its processes in order.
        detached: true,
        env: { PATH: searchPath, LANG: 'C.UTF-8', TZ: 'UTC', ...spec.env },
        stdio: ['ignore', log, log],
      });
      return new ManagedProcess(spec, child);
    } finally {
      closeSync(log);
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Throws `StackProblem` when it ends first or takes too long. */
  async becomeReady(signal?: AbortSignal): Promise<void> {
    const { name, logFile, readyMsMax, isReady } = this.spec;
    const giveUpMs = performance.now() + readyMsMax;
    while (this.isRunning) {
      signal?.throwIfAborted();
      const isServing = await Promise.resolve(isReady(this.pid)).catch(() => false);
      if (isServing) return;
      if (performance.now() > giveUpMs) {
        throw new StackProblem(`${name} did not get ready in ${readyMsMax / 1000} s`, lastLines(logFile));
      }
      await delay(askReadyMs);
    }
    throw new StackProblem(`${name} ended while it started`, lastLines(logFile));
  }

  /** Asks it to end and waits; after `msMax` it is killed. */
  async stop(msMax: number): Promise<void> {
    if (!this.isRunning) return;
    // A stopped process takes no other signal before it continues.
    this.signal('SIGCONT');
    this.signal(this.spec.stopSignal ?? 'SIGTERM');
    const limit = setTimeout(() => this.signal('SIGKILL'), msMax);
    await this.ended;
    clearTimeout(limit);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.signal(signal);
    await this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }
}

/** Runs a program to its end. Throws `StackProblem` with its last words unless it succeeds. */
export async function runToEnd(
  name: string,
  { command, args }: CommandLine,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, {
    env: { PATH: searchPath, LANG: 'C.UTF-8', TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    words += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new StackProblem(`${name} failed`, words.trimEnd().split('\n').slice(-20));
  return out;
}
