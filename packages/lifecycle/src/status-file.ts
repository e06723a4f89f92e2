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
  #last = '';

  constructor(path: string) {
    this.#path = path;
  }

  write(status: ProcessStatus): void {
    const text = JSON.stringify(status);
    if (text === this.#last) return;
    const since = new Date().toISOString();
    const temporary = `${this.#path}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ ...status, pid: process.pid, since }), { mode: 0o600 });
    renameSync(temporary, this.#path);
    this.#last = text;
  }
}
