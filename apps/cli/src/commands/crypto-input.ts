/** Where the bytes of a crypto command come from and go to: files and standard streams, never the command line. */
import { readFile, writeFile } from 'node:fs/promises';
import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { Option } from 'commander';
import type { CommandContext } from '../session.ts';

export interface InputOptions {
  readonly file?: string;
}
export interface ContextOptions {
  readonly contextFile?: string;
}
export interface OutputOptions {
  readonly out?: string;
}

export const inputFile = () => new Option('--file <path>', 'read from a file instead of standard input');
export const contextFile = () =>
  new Option('--context-file <path>', 'associated data: what decryption must show again');
export const outputFile = () =>
  new Option('--out <path>', 'write to a new file, mode 0600, instead of standard output');

/** Base64url of what was read. Throws `request-invalid` for nothing. */
export async function readBytes(context: CommandContext, { file }: InputOptions): Promise<string> {
  const bytes = file === undefined ? await context.readInput() : await readFile(file);
  if (bytes.length === 0) throw new StrongroomError('request-invalid', { detail: 'the input is empty' });
  const text = encodeBytes(bytes);
  bytes.fill(0);
  return text;
}

/** A text such as a ciphertext, without the line end that editors and `echo` add. */
export async function readText(context: CommandContext, { file }: InputOptions): Promise<string> {
  const bytes = file === undefined ? await context.readInput() : await readFile(file);
  return Buffer.from(bytes).toString('utf8').trim();
}

export async function associatedData({ contextFile: file }: ContextOptions) {
  return file === undefined ? {} : { associatedData: encodeBytes(await readFile(file)) };
}

const ownerOnly = 0o600;

export async function writeBytes(
  { terminal }: CommandContext,
  { out }: OutputOptions,
  bytes: Uint8Array,
): Promise<void> {
  if (out === undefined) return terminal.bytes(bytes);
  await writeFile(out, bytes, { mode: ownerOnly, flag: 'wx' });
  bytes.fill(0);
  terminal.note(`written to ${out}`);
}
