/**
 * Offline verification of a bundle with nothing but the fingerprint of the deployment's identity. 1. The manifest: the
 * identity is the trusted one, it certified the log key, which signed the checkpoint. 2. Each append message: a certified
 * worker signed it. 3. Each entry: it is in the signed tree, a worker signed it, the filter asks for it, its numbers
 * follow. 4. The end: everything that was written is there. 5. Nothing was left out that the filter covers.
 *
 * Total: whatever the input is, the answer is a verdict. The first thing that is wrong ends it and is named by the index
 * of its entry.
 */
import { CanonicalError, parseCanonical } from '@strongroom/canonical';
import type { Entry, ExportedAppend } from '@strongroom/contracts';
import { JointProof, leafHash } from '@strongroom/merkle';
import { type BundleEnd, type BundleEntry, bundleLine, lineCharactersMax } from './bundle.ts';
import { manifestHash } from './bundle-hash.ts';
import { AppendCheck, type CheckedAppend } from './check-append.ts';
import { problemOfEntry } from './check-entry.ts';
import { Completeness } from './completeness.ts';
import { matchesFilter } from './matches-filter.ts';
import { type OpenedManifest, openManifest, type TrustedIdentity } from './open-manifest.ts';
import { OrderCheck } from './order-check.ts';
import type { BundleSoFar } from './write-bundle.ts';

export interface VerifyResult {
  /** `incomplete`: all that is there is genuine, but entries are missing. `refused`: something is not genuine. */
  readonly verdict: 'genuine' | 'incomplete' | 'refused';
  /** Entries that were verified. */
  readonly entries: number;
  /** Size of the signed tree; 0 if there is none. */
  readonly checkpointSize: number;
  /** Name of the deployment whose log this is. */
  readonly origin?: string;
  /** Of the first entry that is not genuine, or of the first after a gap. */
  readonly firstBadIndex?: number;
  /** Empty for a genuine bundle. */
  readonly reasons: readonly string[];
  /** What a genuine bundle proves about what it leaves out. */
  readonly completeness?: string;
}

/** Told each entry that was verified; what comes after it may still be refused. */
export type SeeEntry = (index: number, entry: Entry) => void;

/** `lines` without their ends, as `splitLines` gives them. */
export async function verifyBundle(
  lines: AsyncIterable<string>,
  trusted: TrustedIdentity,
  see?: SeeEntry,
): Promise<VerifyResult> {
  const reader = new BundleReader(trusted, see);
  for await (const line of lines) {
    const refusal = reader.read(line);
    if (refusal !== undefined) return refusal;
  }
  return reader.finish();
}

/** A bundle that was not written to its end, or what is wrong with what there is of it. */
export async function verifyBeginning(
  lines: AsyncIterable<string>,
  trusted: TrustedIdentity,
): Promise<BundleSoFar | VerifyResult> {
  const reader = new BundleReader(trusted);
  for await (const line of lines) {
    const refusal = reader.read(line);
    if (refusal !== undefined) return refusal;
  }
  return reader.soFar();
}

interface Opened extends OpenedManifest {
  readonly appends: AppendCheck;
  readonly tree: JointProof;
  readonly order: OrderCheck;
  readonly completeness: Completeness;
}

class BundleReader {
  readonly #trusted: TrustedIdentity;
  readonly #see: SeeEntry | undefined;
  /** Messages that entries can still come in, and whether one did. */
  readonly #appends = new Map<number, CheckedAppend & { isUsed: boolean }>();
  #opened: Opened | undefined;
  /** As a signed note. */
  #checkpoint: string | undefined;
  #isEnded = false;
  #lastIndex = -1;
  readonly #counts = { lines: 0, entries: 0 };

  constructor(trusted: TrustedIdentity, see?: SeeEntry) {
    this.#trusted = trusted;
    this.#see = see;
  }

  /** A refusal ends the reading. */
  read(text: string): VerifyResult | undefined {
    this.#counts.lines += 1;
    const value = parseLine(text);
    if (this.#isEnded) return this.#refuse('there is more after its end');
    if (this.#opened === undefined) return this.#readManifest(value);
    if (bundleLine.end.check(value)) return this.#readEnd(value.end);
    if (bundleLine.append.check(value)) return this.#readAppend(this.#opened, value.append);
    if (bundleLine.entry.check(value)) return this.#readEntry(this.#opened, value.entry, text);
    const reason = `line ${this.#counts.lines} is neither an append message nor an entry`;
    return this.#refuse(reason, claimedIndex(text) ?? this.#lastIndex + 1);
  }

  finish(): VerifyResult {
    const opened = this.#opened;
    if (opened === undefined) return this.#refuse('manifest: the bundle is empty');
    if (!this.#isEnded) return this.#refuse('the bundle ends early', this.#lastIndex + 1);
    const [gap, ...more] = opened.completeness.end();
    if (gap === undefined) {
      return { ...this.#base('genuine'), reasons: [], completeness: opened.completeness.claim };
    }
    const reasons = [gap, ...more].map(({ text }) => text);
    return { ...this.#base('incomplete'), firstBadIndex: gap.before, reasons };
  }

  soFar(): BundleSoFar | VerifyResult {
    if (this.#checkpoint === undefined) return this.#refuse('manifest: there is none');
    if (this.#isEnded) return this.#refuse('it is written to its end');
    return {
      checkpoint: this.#checkpoint,
      appends: new Set(this.#appends.keys()),
      lastIndex: this.#lastIndex < 0 ? undefined : this.#lastIndex,
      entries: this.#counts.entries,
    };
  }

  #readManifest(value: unknown): VerifyResult | undefined {
    if (!bundleLine.manifest.check(value)) return this.#refuse('manifest: the first line is none');
    if (manifestHash(value.manifest) !== value.hash) {
      return this.#refuse('manifest: it is not the one that was written');
    }
    const opened = openManifest(value.manifest, this.#trusted);
    if (typeof opened === 'string') return this.#refuse(`manifest: ${opened}`);
    this.#checkpoint = value.manifest.checkpoint;
    this.#opened = {
      ...opened,
      appends: new AppendCheck(opened.identity),
      tree: new JointProof(opened.checkpoint.size, opened.checkpoint.root),
      order: new OrderCheck(),
      completeness: new Completeness(opened.filter, opened.checkpoint.size),
    };
    return undefined;
  }

  #readAppend({ appends }: Opened, append: ExportedAppend): VerifyResult | undefined {
    const { id } = append;
    if (this.#appends.has(id)) return this.#refuse(`append message ${id} is there twice`, id);
    if (this.#appends.size >= appendsMax) return this.#refuse('too many append messages without entries', id);
    this.#appends.set(id, { ...appends.check(append), isUsed: false });
    return undefined;
  }

  #readEntry(
    opened: Opened,
    { index, entry, proof, append: id, offset }: BundleEntry,
    text: string,
  ): VerifyResult | undefined {
    if (index <= this.#lastIndex) return this.#refuse('it is not in the order of the log', index);
    const leaf = leafText(text, id, index);
    const path = proof.map((hash) => Buffer.from(hash, 'base64url'));
    if (!opened.tree.prove(index, leafHash(Buffer.from(leaf)), path))
      return this.#refuse('it is not in the signed tree', index);
    const append = this.#appends.get(id);
    const wrong = problemOfEntry({ entry, leaf }, append, offset);
    if (wrong !== undefined) return this.#refuse(wrong, index);
    if (append !== undefined) append.isUsed = true;
    const problem = opened.order.add(index, entry);
    if (problem !== undefined) return this.#refuse(problem, index);
    if (!matchesFilter(entry, opened.filter)) {
      return this.#refuse('it is none that the filter of the manifest asks for', index);
    }
    opened.completeness.add(index, entry);
    this.#lastIndex = index;
    this.#counts.entries += 1;
    this.#see?.(index, entry);
    return this.#forgetAppends(index);
  }

  /** A message is over when the entries have passed the last index that it can have reached. */
  #forgetAppends(index: number): VerifyResult | undefined {
    for (const [id, { isUsed, bodyHashes, problem }] of this.#appends) {
      if (id + bodyHashes.length > index + 1) continue;
      if (!isUsed) return this.#refuse(problem ?? 'an append message without an entry', id);
      this.#appends.delete(id);
    }
    return undefined;
  }

  #readEnd({ entries }: BundleEnd): VerifyResult | undefined {
    this.#isEnded = true;
    const unused = [...this.#appends].find(([, { isUsed }]) => !isUsed);
    if (unused !== undefined) return this.#refuse('an append message without an entry', unused[0]);
    if (entries !== this.#counts.entries) return this.#refuse(`it was written with ${entries} entries`);
    return undefined;
  }

  #base<Verdict extends VerifyResult['verdict']>(verdict: Verdict) {
    const { size, origin } = this.#opened?.checkpoint ?? { size: 0, origin: undefined };
    return {
      verdict,
      entries: this.#counts.entries,
      checkpointSize: size,
      ...(origin === undefined ? {} : { origin }),
    };
  }

  #refuse(reason: string, firstBadIndex?: number): VerifyResult {
    const place = firstBadIndex === undefined ? {} : { firstBadIndex };
    return { ...this.#base('refused'), ...place, reasons: [reason] };
  }
}

/** Of a line that is canonical, the entry is the part between what is written around it. */
function leafText(line: string, append: number, index: number): string {
  return line.slice(
    `{"entry":{"append":${append},"entry":`.length,
    line.lastIndexOf(`,"index":${index},"offset":`),
  );
}

/** Several pages of an export; more never wait for their entries. */
const appendsMax = 1_024;

function parseLine(text: string): unknown {
  if (text.length > lineCharactersMax) return undefined;
  try {
    return parseCanonical(Buffer.from(text, 'utf8'));
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}

/** The index that a broken line of an entry names; it helps to find the place and proves nothing. */
function claimedIndex(text: string): number | undefined {
  const [, digits] =
    /^\{"entry":\{.{0,200000}"index":(\d{1,15})[,}]/s.exec(text.slice(0, lineCharactersMax)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
