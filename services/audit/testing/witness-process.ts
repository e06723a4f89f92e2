/** `apps/witness` as a process of its own, as somebody else runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { noteVerifierKey } from '@strongroom/merkle';
import { findFreePort } from '@strongroom/testing';
import { origin } from './test-deployment.ts';

const program = fileURLToPath(new URL('../../../apps/witness/src/main.ts', import.meta.url));
const name = 'witness.example/w1';

export class WitnessProcess {
  readonly name = name;
  /** By which others trust it. */
  readonly key: string;
  readonly url: string;
  readonly #settings: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  log = '';

  private constructor(key: string, port: number, settings: Readonly<Record<string, string>>) {
    this.key = key;
    this.url = `http://127.0.0.1:${port}`;
    this.#settings = settings;
  }

  /** With a key and a state, and not started. */
  static async initialise(directory: string, logKey: Uint8Array): Promise<WitnessProcess> {
    const file = (of: string) => join(directory, `witness-${of}`);
    const port = await findFreePort();
    const child = spawn(process.execPath, [program, 'init', name, file('key.json'), file('state.json')]);
    const said = await text(child.stdout);
    await writeFile(file('logs'), `${noteVerifierKey(origin, logKey)}\n`);
    const values = {
      NAME: name,
      KEY_FILE: file('key.json'),
      STATE_FILE: file('state.json'),
      LOGS_FILE: file('logs'),
      PORT: String(port),
    };
    const settings = Object.entries(values).map(([own, value]) => [`STRONGROOM_WITNESS_${own}`, value]);
    return new WitnessProcess(said.trim().split('\n').at(-1) ?? '', port, Object.fromEntries(settings));
  }

  start(): void {
    this.#child = spawn(process.execPath, [program], { env: { ...this.#settings } });
    this.#child.stdout?.setEncoding('utf8').on('data', (line: string) => {
      this.log += line;
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  /** Root of the tree that it cosigned last, as base64. */
  async cosignedRoot(): Promise<string> {
    const state = await readFile(this.#settings['STRONGROOM_WITNESS_STATE_FILE'] ?? '', 'utf8');
    return /"root":\s*"([^"]+)"/.exec(state)?.[1] ?? '';
  }
}
