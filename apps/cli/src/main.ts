import process from 'node:process';
import { StrongroomError, toStrongroomError } from '@strongroom/errors';
import { CommanderError } from 'commander';
import { makeCli } from './cli.ts';

const inputBytesMax = 1_048_576;

async function readInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > inputBytesMax) throw new StrongroomError('message-too-large', { detail: 'standard input' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const usageExit = 2;
// Whoever reads the output may have seen enough, as `head` has: that is no fault, and nothing more is to be told.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault;
  process.exit(0);
});
const cli = makeCli({ out: process.stdout, err: process.stderr, readInput });
try {
  await cli.run(process.argv.slice(2));
} catch (fault) {
  if (fault instanceof CommanderError) {
    process.exitCode = fault.exitCode === 0 ? 0 : usageExit;
  } else {
    cli.showError(fault);
    process.exitCode = toStrongroomError(fault).descriptor.exit;
  }
}
