/** What is verified with the fingerprint of the deployment alone: bundles, archives, and that one log is the same log still. */
import { createReadStream } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StrongroomError } from '@strongroom/errors';
import { Command } from 'commander';
import { type CommandContext, withClient } from '../session.ts';
import { type Continuity, compareTrees, type ProveLeaf } from '../verify/continuity.ts';
import type { TrustedIdentity } from '../verify/open-manifest.ts';
import { proveByBundle, proveByTiles } from '../verify/prove-leaf.ts';
import { keptBytesMax, openTrees, type ReadTree, readTree } from '../verify/signed-tree.ts';
import { splitLines } from '../verify/split-lines.ts';
import { trustedWitnesses } from '../verify/trusted-witnesses.ts';
import { type ReadArchive, verifyArchive } from '../verify/verify-archive.ts';
import { type VerifyResult, verifyBundle } from '../verify/verify-bundle.ts';
import { verifyLive } from '../verify/verify-live.ts';
import { asking } from './asking.ts';

export interface VerifyOptions {
  readonly identityFingerprint?: string;
  readonly witness?: readonly string[];
  readonly witnessesNeeded?: string;
}

interface VerifyTreesOptions extends VerifyOptions {
  readonly tiles?: string;
  readonly live?: string;
}

export function verifyCommand(context: CommandContext): Command {
  const command = new Command('verify')
    .description(
      'verify a bundle, that one of two checkpoints extends the other, or that the running log goes on',
    )
    .argument('[bundle]')
    .argument('[other]', 'bundle or C2SP checkpoint: whether both are of one log; exit status 10 for a fork')
    .option('--identity-fingerprint <fingerprint>', 'SHA256:… of the deployment; of the profile with --live')
    .option(
      '--tiles <folder>',
      'of two checkpoints: tiles that prove it, of an archive or a mirror of the log',
    )
    .option('--live <file>', 'ask the running log; the file keeps its newest checkpoint for the next time');
  return withWitnesses(command).action(
    async (path: string | undefined, other: string | undefined, options: VerifyTreesOptions) => {
      const { live, tiles } = options;
      if ((path === undefined) === (live === undefined)) throw usage('a bundle, two checkpoints, or --live');
      if (tiles !== undefined && other === undefined) throw usage('--tiles is for two checkpoints');
      if (live !== undefined) return verifyRunning(context, live, options);
      if (other === undefined) return verifyFile(context, path as string, options);
      return verifyTwo(context, [path as string, other], options);
    },
  );
}

function withWitnesses(command: Command): Command {
  return command
    .option('--witness <key...>', 'key of a witness: <name>+<key id>+<key>; may be given several times')
    .option(
      '--witnesses-needed <count>',
      'how many of them have to have cosigned; all unless told otherwise',
    );
}

export function verifyArchiveCommand(context: CommandContext): Command {
  const command = new Command('verify-archive')
    .description('verify an archive of sealed segments with the identity fingerprint alone; no network')
    .argument('<folder>')
    .requiredOption('--identity-fingerprint <fingerprint>', 'SHA256:… of the deployment');
  return withWitnesses(command).action(async (folder: string, options: VerifyOptions) =>
    showVerdict(context, await verifyArchive(readFolder(folder), trustedBy(options))),
  );
}

export async function verifyFile(
  context: CommandContext,
  path: string,
  options: VerifyOptions,
  shownBefore: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const result = await verifyBundle(splitLines(createReadStream(path)), trustedBy(options));
  showVerdict(context, result, shownBefore);
}

async function verifyTwo(
  context: CommandContext,
  paths: readonly [string, string],
  options: VerifyTreesOptions,
): Promise<void> {
  const read = await Promise.all(paths.map(readTreeFile));
  const trees = openTrees(read, trustedBy(options));
  if (typeof trees === 'string') return showContinuity(context, { verdict: 'refused', reasons: [trees] });
  const [first, second] = trees as readonly [(typeof trees)[number], (typeof trees)[number]];
  const newer = first.size <= second.size ? paths[1] : paths[0];
  const prove: ProveLeaf =
    options.tiles === undefined
      ? proveByBundle(() => splitLines(createReadStream(newer)))
      : proveByTiles(readFolder(options.tiles));
  showContinuity(context, await compareTrees(first, second, prove));
}

async function verifyRunning(context: CommandContext, path: string, options: VerifyOptions): Promise<void> {
  await withClient(context, async (client, { identityFingerprint }) => {
    const log = { ask: asking(client), identity: await client.identity() };
    const kept = (await readIfThere(path))?.toString('utf8');
    const { continuity, keep } = await verifyLive(log, kept, trustedBy({ identityFingerprint, ...options }));
    if (keep !== undefined) {
      // Replaced whole or not at all: half a file would be taken for a log that was changed.
      await writeFile(`${path}.new`, keep, { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
    if (kept === undefined && keep !== undefined)
      context.terminal.note('nothing was kept before: from now on the log is compared with this checkpoint');
    showContinuity(context, continuity);
  });
}

export function trustedBy({
  identityFingerprint,
  witness = [],
  witnessesNeeded,
}: VerifyOptions): TrustedIdentity {
  if (identityFingerprint === undefined) throw usage('--identity-fingerprint is needed: whose log it is');
  return { identityFingerprint, witnesses: trustedWitnesses(witness, witnessesNeeded) };
}

/** Only the beginning: a bundle may be large, and its signed tree is in the first line. */
async function readTreeFile(path: string): Promise<ReadTree | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(keptBytesMax), 0, keptBytesMax, 0);
    return readTree(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/** An archive as a folder of files. */
function readFolder(folder: string): ReadArchive {
  return (path) => readIfThere(join(folder, path));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}

function showVerdict(
  context: CommandContext,
  result: VerifyResult,
  shownBefore: Readonly<Record<string, unknown>> = {},
): void {
  context.terminal.object({ ...shownBefore, ...result });
  if (result.verdict === 'genuine') return;
  const reasons = result.reasons.join('; ');
  const detail = result.firstBadIndex === undefined ? reasons : `entry ${result.firstBadIndex}: ${reasons}`;
  throw new StrongroomError('record-tampered', { detail });
}

const codes = { fork: 'log-forked', unproven: 'absent', refused: 'record-tampered' } as const;

function showContinuity(
  context: CommandContext,
  { verdict, reasons, origin, older, newer }: Continuity,
): void {
  const sides = [older, newer].map((tree) => (tree === undefined ? 'none' : `${tree.size} ${tree.root}`));
  context.terminal.object({ verdict, origin, older: sides[0], newer: sides[1], reasons });
  if (verdict === 'consistent') return;
  throw new StrongroomError(codes[verdict], { detail: `${reasons.join('; ')}: ${sides.join(' and ')}` });
}

const usage = (detail: string) => new StrongroomError('request-invalid', { detail });
