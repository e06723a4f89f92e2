/** The state of a process in a small file, for exec probes and scripts. Written whole by a rename, only when it changed. */
import { renameSync, writeFileSync } from 'node:fs';
import process from 'node:process';

export interface ProcessStatus {
  readonly name: string;
  readonly state: string;
  readonly unready: Readonly<Record<string, string>>;
}

export class StatusFile {
  readonly #path: string;
  readonly #onFault: (fault: unknown) => void;
  #last = '';
  #hasFailed = false;

  /** A full disk must not end a service that works: `onFault` hears of the first failure in a row, and no more. */
  constructor(path: string, onFault: (fault: unknown) => void) {
    this.#path = path;
    this.#onFault = onFault;
  }

  write(status: ProcessStatus): void {
    const text = JSON.stringify(status);
    if (text === this.#last) return;
    const since = new Date().toISOString();
    const temporary = `${this.#path}.${process.pid}`;
    try {
      writeFileSync(temporary, JSON.stringify({ ...status, pid: process.pid, since }), { mode: 0o600 });
      renameSync(temporary, this.#path);
      this.#last = text;
      this.#hasFailed = false;
    } catch (fault) {
      if (!this.#hasFailed) this.#onFault(fault);
      this.#hasFailed = true;
    }
  }
}
