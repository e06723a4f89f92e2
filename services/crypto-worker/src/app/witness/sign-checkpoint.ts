/**
 * The first witness of the log: signs a tree only where it is proven to extend the last one that was signed (RFC 6962
 * section 2.1.2). What was signed last is remembered by the HSM before the signature leaves, so not even a worker that is
 * killed in between signs two histories.
 */
import { encodeBytes, equalBytes } from '@strongroom/canonical';
import type { LogKeyStatement, SignedStatement, WitnessReply, WitnessRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { emptyRoot, formatCheckpoint, signedNote, verifyConsistency } from '@strongroom/merkle';
import { statementDigest } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { ed25519Point } from '../../domain/platform-key.ts';
import type { Anchor, AnchoredCheckpoint } from '../../ports/anchor.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import { bytesField } from '../bytes-field.ts';

export interface SignCheckpointParts {
  /** First line of the checkpoints: the name of the deployment. */
  readonly origin: string;
  readonly anchor: Anchor;
  readonly hsm: Pick<Hsm, 'sign' | 'publicKey'>;
  readonly clock: Clock;
}

const nothingSigned: AnchoredCheckpoint = Object.freeze({ size: 0, root: emptyRoot });

export function makeSignCheckpoint({ origin, anchor, hsm, clock }: SignCheckpointParts) {
  let logKey: SignedStatement | undefined;

  const certifyLogKey = async (publicKey: Uint8Array): Promise<SignedStatement> => {
    const notBefore = new Date(clock.nowMs()).toISOString();
    const statement: LogKeyStatement = {
      type: 'strongroom.log-key/1',
      origin,
      publicKey: encodeBytes(publicKey),
      notBefore,
    };
    const signature = encodeBytes(await hsm.sign(hsmLabel.identity, statementDigest(statement)));
    return { statement, signature };
  };

  const signNext = async (request: WitnessRequest): Promise<WitnessReply> => {
    const { epoch, previousSize, size } = request;
    const anchored = await anchor.read();
    const signed = anchored.checkpoint ?? nothingSigned;
    if (previousSize !== signed.size) return { status: 'stale', size: signed.size };
    if (epoch < (anchored.receiptKey?.epoch ?? 0))
      throw new StrongroomError('version-conflict', { detail: 'the writer of an epoch that is over' });
    const root = bytesField(request.root, 'root');
    const proof = request.proof.map((hash) => bytesField(hash, 'proof'));
    requireExtension(signed, { size, root }, proof);
    const publicKey = ed25519Point(await hsm.publicKey(hsmLabel.log));
    logKey ??= await certifyLogKey(publicKey);
    const text = formatCheckpoint({ origin, size, root });
    const signature = await hsm.sign(hsmLabel.log, Buffer.from(text, 'utf8'));
    if (size > signed.size) await anchor.advance({ checkpoint: { size, root } });
    return { status: 'signed', note: signedNote(text, origin, publicKey, signature), logKey };
  };

  // One after the other: two that overlap would both extend the same tree, each in its own way.
  let last: Promise<unknown> = Promise.resolve();
  return (request: WitnessRequest): Promise<WitnessReply> => {
    const next = last.then(() => signNext(request));
    last = next.catch(() => undefined);
    return next;
  };
}

/** A log that does not extend what was signed was rewritten, and whoever asks for a signature on it should be looked at. */
function requireExtension(
  signed: AnchoredCheckpoint,
  next: AnchoredCheckpoint,
  proof: readonly Uint8Array[],
): void {
  const isExtension =
    next.size === signed.size
      ? equalBytes(next.root, signed.root)
      : next.size > signed.size && verifyConsistency(signed.size, signed.root, next.size, next.root, proof);
  if (!isExtension)
    throw new StrongroomError('record-tampered', { detail: 'the log does not extend the signed one' });
}
