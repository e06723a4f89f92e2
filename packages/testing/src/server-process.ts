/**
 * A real server as a child process of a test: started, awaited until it says that it is ready, and stopped by its own
 * process id. What it prints is kept, so that a start that fails tells why.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ServerProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** True for the line of output after which the server takes connections. */
  readonly isReadyLine: (line: string) => boolean;
  readonly startMsMax?: number;
  /** What asks the server to end; PostgreSQL wants SIGINT for a fast shutdown. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface ServerProcess {
  readonly pid: number;
  /** The last lines that it printed, oldest first. */
  output(): readonly string[];
  /** Ends it in order; after `stopMsMax` it is killed. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a server that hangs without closing a connection. */
  pause(): void;
  resume(): void;
}

const linesMax = 200;
const startMsMaxDefault = 20_000;
const stopMsMax = 5_000;

/** Children that still run; a test process that ends by itself takes them along. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const child = spawn(options.command, options.args, {
    cwd: options.directory,
    env: { ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: string[] = [];
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => void running.delete(child));

  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error([`${options.name} ${why}`, ...lines].join('\n')));
    };
    const limit = setTimeout(fail, options.startMsMax ?? startMsMaxDefault, 'did not get ready in time');
    const settle = (then: () => void) => {
      clearTimeout(limit);
      then();
    };
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > linesMax) lines.shift();
        if (options.isReadyLine(line)) settle(resolve);
      });
    }
    child.once('error', (problem) => settle(() => fail(`cannot be run: ${problem.message}`)));
    // `close` comes after the last line was read, `exit` before.
    child.once('close', (code, signal) => settle(() => fail(`ended with ${signal ?? code}`)));
  });

  const signalAndWait = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    pid: child.pid as number,
    output: () => lines,
    async stop() {
      const limit = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      // A stopped process takes no other signal before it continues.
      child.kill('SIGCONT');
      await signalAndWait(options.stopSignal ?? 'SIGTERM');
      clearTimeout(limit);
    },
    kill: () => signalAndWait('SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** Runs a program to its end; throws with its output unless it succeeds. */
export async function runProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(command, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} failed with ${code}\n${Buffer.concat(chunks).toString()}`);
}
