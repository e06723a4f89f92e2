/** The service as a process of its own, which a test may kill, stop and resume. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export class AuditProcess {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #ended: Promise<unknown[]>;
  readonly #statusFile: string;
  errors = '';

  constructor(environment: Readonly<Record<string, string>>, statusFile: string, preload?: string) {
    this.#statusFile = statusFile;
    const flags = preload === undefined ? [] : ['--import', preload];
    this.child = spawn(process.execPath, [...flags, program], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#ended = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.lines.push(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Why it is not ready; empty when it is, `undefined` before it has said anything. */
  async unready(): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      const { state, unready } = JSON.parse(await readFile(this.#statusFile, 'utf8')) as {
        readonly state: string;
        readonly unready: Readonly<Record<string, string>>;
      };
      return state === 'ready' || state === 'degraded' ? unready : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether it is ready, with nothing that stands against it. */
  isReady = async (): Promise<boolean> => {
    const reasons = await this.unready();
    return reasons !== undefined && Object.keys(reasons).length === 0;
  };

  async status(): Promise<number | null> {
    return (await this.#ended)[0] as number | null;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.status();
  }

  log(): string {
    return this.lines.join('') + this.errors;
  }
}
