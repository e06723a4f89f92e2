import { decodeBytes } from '@strongroom/canonical';
import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { addBatchCommands } from './crypto-batch.ts';
import {
  associatedData,
  type ContextOptions,
  contextFile,
  type InputOptions,
  inputFile,
  type OutputOptions,
  outputFile,
  readBytes,
  readText,
  writeBytes,
} from './crypto-input.ts';
import { addSignatureCommands } from './crypto-signature.ts';
import { addWrapCommands } from './crypto-wrap.ts';
import { group, integer } from './options.ts';

interface InGroup {
  readonly group: string;
}

export function cryptoCommand(context: CommandContext): Command {
  const command = new Command('crypto').description('use keys; values come from files and streams only');
  addEncrypt(command, context);
  addDecrypt(command, context);
  addRewrap(command, context);
  addDataKey(command, context);
  addRandom(command, context);
  addWrapCommands(command, context);
  addSignatureCommands(command, context);
  addBatchCommands(command, context);
  return command;
}

function addEncrypt(command: Command, context: CommandContext): void {
  command
    .command('encrypt')
    .description('encrypt standard input or --file; prints a ciphertext that names its key')
    .argument('<key>')
    .addOption(group())
    .addOption(inputFile())
    .addOption(contextFile())
    .action(async (key: string, options: InGroup & InputOptions & ContextOptions) => {
      const plaintext = await readBytes(context, options);
      const params = { group: options.group, key, plaintext, ...(await associatedData(options)) };
      await run(context, 'crypto.encrypt', params, (reply) => context.terminal.object({ ...reply }));
    });
}

function addDecrypt(command: Command, context: CommandContext): void {
  command
    .command('decrypt')
    .description('decrypt the ciphertext in standard input or --file')
    .argument('<key>')
    .addOption(group())
    .addOption(inputFile())
    .addOption(contextFile())
    .addOption(outputFile())
    .action(async (key: string, options: InGroup & InputOptions & ContextOptions & OutputOptions) => {
      const ciphertext = await readText(context, options);
      const params = { group: options.group, key, ciphertext, ...(await associatedData(options)) };
      await run(context, 'crypto.decrypt', params, ({ plaintext }) =>
        writeBytes(context, options, decodeBytes(plaintext)),
      );
    });
}

function addRewrap(command: Command, context: CommandContext): void {
  command
    .command('rewrap')
    .description('encrypt a ciphertext anew under the current version; the plaintext stays in the worker')
    .argument('<key>')
    .addOption(group())
    .addOption(inputFile())
    .addOption(contextFile())
    .action(async (key: string, options: InGroup & InputOptions & ContextOptions) => {
      const ciphertext = await readText(context, options);
      const params = { group: options.group, key, ciphertext, ...(await associatedData(options)) };
      await run(context, 'crypto.rewrap', params, (reply) => context.terminal.object({ ...reply }));
    });
}

function addDataKey(command: Command, context: CommandContext): void {
  command
    .command('data-key')
    .description('make a key of random octets; prints it wrapped, and writes it in the clear only with --out')
    .argument('<key>')
    .addOption(group())
    .addOption(contextFile())
    .option('--length <octets>', 'of the new key', integer, 32)
    .option('--out <path>', 'write the key in the clear to a new file, mode 0600')
    .action(
      async (
        key: string,
        options: InGroup & ContextOptions & OutputOptions & { readonly length: number },
      ) => {
        const { group: inGroup, length, out } = options;
        const reveal = out !== undefined;
        const params = { group: inGroup, key, length, reveal, ...(await associatedData(options)) };
        await run(context, 'crypto.data-key', params, async ({ plaintext, ...reply }) => {
          if (plaintext !== undefined) await writeBytes(context, options, decodeBytes(plaintext));
          context.terminal.object({ ...reply });
        });
      },
    );
}

function addRandom(command: Command, context: CommandContext): void {
  command
    .command('random')
    .description('random bytes of the generator of the HSM')
    .argument('<bytes>', 'how many, at most 1024', integer)
    .addOption(outputFile())
    .action((length: number, options: OutputOptions) =>
      run(context, 'crypto.random', { length }, ({ bytes }) =>
        writeBytes(context, options, decodeBytes(bytes)),
      ),
    );
}
