import { decodeBytes } from '@strongroom/canonical';
import type { WrapMechanism } from '@strongroom/contracts';
import { type Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import {
  type InputOptions,
  inputFile,
  type OutputOptions,
  outputFile,
  readBytes,
  readText,
  writeBytes,
} from './crypto-input.ts';
import { group } from './options.ts';

interface WrapOptions extends InputOptions {
  readonly group: string;
  readonly mechanism: WrapMechanism;
}

export function addWrapCommands(command: Command, context: CommandContext): void {
  command
    .command('wrap')
    .description('wrap the key material in standard input or --file')
    .argument('<key>')
    .addOption(group())
    .addOption(
      new Option('--mechanism <name>', 'RFC 3394 or RFC 5649')
        .choices(['aes-kw', 'aes-kwp'])
        .default('aes-kwp'),
    )
    .addOption(inputFile())
    .action(async (key: string, options: WrapOptions) => {
      const { group: inGroup, mechanism } = options;
      const params = { group: inGroup, key, mechanism, keyMaterial: await readBytes(context, options) };
      await run(context, 'crypto.wrap', params, (reply) => context.terminal.object({ ...reply }));
    });

  command
    .command('unwrap')
    .description('unwrap what crypto wrap printed, from standard input or --file')
    .argument('<key>')
    .addOption(group())
    .addOption(inputFile())
    .addOption(outputFile())
    .action(async (key: string, options: InputOptions & OutputOptions & { readonly group: string }) => {
      const params = { group: options.group, key, wrapped: await readText(context, options) };
      await run(context, 'crypto.unwrap', params, ({ keyMaterial }) =>
        writeBytes(context, options, decodeBytes(keyMaterial)),
      );
    });
}
