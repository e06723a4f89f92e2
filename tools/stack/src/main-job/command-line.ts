/** Runs the `strongroom` tool as a person would, and reads its JSON. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isErrorCode, StrongroomError } from '@strongroom/errors';

export const cliMain = fileURLToPath(new URL('../../../../apps/cli/src/main.ts', import.meta.url));

export interface CommandLine {
  /** Throws the coded error that the tool reported. */
  (args: readonly string[], input?: Uint8Array): Promise<Record<string, unknown>>;
}

const commandMsMax = 60_000;

export interface Finished {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Any program of this repository under this Node; nothing of its environment but the given variables. */
export async function runProgram(
  main: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: Uint8Array,
): Promise<Finished> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...env }, timeout: commandMsMax });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A tool that ends before it has read its input is judged by its status, not by the broken pipe.
  child.stdin.on('error', (fault: NodeJS.ErrnoException) => err.push(Buffer.from(`stdin: ${fault.code}\n`)));
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

export function makeCommandLine(profile: string, keyFile?: string): CommandLine {
  const common = ['--json', '--profile', profile, ...(keyFile === undefined ? [] : ['--key', keyFile])];
  return async (args, input) => {
    const { status, out, err } = await runProgram(cliMain, [...common, ...args], {}, input);
    if (status === 0) return JSON.parse(out) as Record<string, unknown>;
    throw readError(`strongroom ${args.slice(0, 2).join(' ')}`, status, err);
  };
}

function readError(command: string, status: number | null, err: string): StrongroomError {
  const last = err.trim().split('\n').at(-1) ?? '';
  try {
    const { error } = JSON.parse(last) as { error: { code: unknown; detail?: string } };
    if (isErrorCode(error.code)) {
      return new StrongroomError(error.code, {
        detail: `${command}: ${error.detail ?? ''}`,
        cause: new Error(err),
      });
    }
  } catch {
    // Not a coded error: reported below with what the tool said.
  }
  return new StrongroomError('internal', { detail: `${command} ended with status ${status}: ${last}` });
}

/** A step that a second run of the main job finds done. */
export async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (fault) {
    if (!(fault instanceof StrongroomError) || fault.code !== 'already-exists') throw fault;
  }
}
