/**
 * Offline verification of a bundle with nothing but the fingerprint of the deployment's identity. Total: any input is
 * answered with a verdict; the first bad entry is named by its index.
 */
import { CanonicalError, decodeBytes, parseCanonical } from '@strongroom/canonical';
import { type Checkpoint, openNote, parseCheckpoint } from '@strongroom/merkle';
import { ed25519Verify, identityFingerprint, verifyStatement } from '@strongroom/sealed';
import { type BundleManifest, bundleLine, lineCharactersMax } from './bundle.ts';
import { SequenceCheck } from './sequence-check.ts';
import { checkAppend, checkEntry, type VerifiedAppend } from './verify-entry.ts';

export interface VerifyResult {
  readonly verdict: 'genuine' | 'refused';
  readonly entries: number;
  /** Size of the signed tree. */
  readonly checkpointSize: number;
  readonly origin?: string;
  /** Index of the first entry that does not verify. */
  readonly firstBadIndex?: number;
  readonly reasons: readonly string[];
  /** Entries that the bundle leaves out although its filter covers them. */
  readonly gaps: readonly string[];
}

interface Trusted {
  readonly manifest: BundleManifest;
  readonly identity: Uint8Array;
  readonly checkpoint: Checkpoint;
}

export async function verifyBundle(
  lines: AsyncIterable<string>,
  expected: { readonly identityFingerprint: string },
): Promise<VerifyResult> {
  let trusted: Trusted | undefined;
  let sequences: SequenceCheck | undefined;
  const appends = new Map<number, VerifiedAppend>();
  let entries = 0;
  const refused = (reason: string, firstBadIndex?: number): VerifyResult => ({
    verdict: 'refused',
    entries,
    checkpointSize: trusted?.checkpoint.size ?? 0,
    ...(firstBadIndex === undefined ? {} : { firstBadIndex }),
    reasons: [reason],
    gaps: [],
  });

  for await (const text of lines) {
    const value = parseLine(text);
    if (trusted === undefined) {
      const opened = openManifest(value, expected.identityFingerprint);
      if (typeof opened === 'string') return refused(`manifest: ${opened}`);
      trusted = opened;
      sequences = new SequenceCheck(opened.manifest.filter, opened.checkpoint.size);
    } else if (bundleLine.append.check(value)) {
      const checked = checkAppend(trusted.identity, value.append);
      // Append messages are named by their first entry.
      if (typeof checked === 'string') return refused(checked, value.append.id);
      appends.set(value.append.id, checked);
    } else if (bundleLine.entry.check(value)) {
      const { index } = value.entry;
      const checked = checkEntry(value.entry, trusted.checkpoint, appends.get(value.entry.append));
      if (typeof checked === 'string') return refused(checked, index);
      const problem = sequences?.add(index, checked.entry);
      if (problem !== undefined) return refused(problem, index);
      entries += 1;
    } else {
      return refused(
        'a line is neither an append message nor an entry',
        indexOf(value) ?? sequences?.nextIndex,
      );
    }
  }
  if (trusted === undefined || sequences === undefined) return refused('the bundle is empty');
  const gaps = sequences.gaps();
  const { size, origin } = trusted.checkpoint;
  if (gaps.length > 0) {
    const firstBadIndex = sequences.firstGap;
    const result = {
      verdict: 'refused' as const,
      entries,
      checkpointSize: size,
      origin,
      reasons: ['entries are missing'],
      gaps,
    };
    return firstBadIndex === undefined ? result : { ...result, firstBadIndex };
  }
  return { verdict: 'genuine', entries, checkpointSize: size, origin, reasons: [], gaps };
}

function parseLine(text: string): unknown {
  if (text.length > lineCharactersMax) return undefined;
  try {
    return parseCanonical(Buffer.from(text));
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}

/** The index that a line claims although it does not fit; helps to name the place. */
function indexOf(value: unknown): number | undefined {
  const index = (value as { entry?: { index?: unknown } } | undefined)?.entry?.index;
  return typeof index === 'number' ? index : undefined;
}

function openManifest(value: unknown, fingerprint: string): Trusted | string {
  if (!bundleLine.manifest.check(value)) return 'the first line is not a manifest';
  const { manifest } = value;
  try {
    const identity = decodeBytes(manifest.identity);
    if (identityFingerprint(identity) !== fingerprint)
      return 'the identity is not the one with this fingerprint';
    const { statement } = manifest.logKey;
    if (statement.type !== 'strongroom.log-key/1' || !verifyStatement(identity, manifest.logKey)) {
      return 'the log key is not certified by the identity';
    }
    const key = decodeBytes(statement.publicKey);
    const text = openNote(manifest.checkpoint, statement.origin, key, (bytes, signature) =>
      ed25519Verify(key, bytes, signature),
    );
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
    if (checkpoint === undefined || checkpoint.origin !== statement.origin)
      return 'the checkpoint is not signed by the log key';
    return { manifest, identity, checkpoint };
  } catch (fault) {
    if (fault instanceof CanonicalError || fault instanceof RangeError)
      return 'it holds bytes of the wrong form';
    throw fault;
  }
}
