/**
 * A bundle: entries of the log with everything to verify them and no network. Lines of canonical JSON, each ended by a
 * line feed:
 *
 *   {"manifest":…}  who vouches: identity key, certified log key, signed checkpoint; what was asked for; its own hash
 *   {"append":…}    what a certified worker signed; before the first entry that came in it
 *   {"entry":…}     one entry as it is in the log, its proof to the checkpoint as far as no entry before has proven it, and
 *                   its place in its append message; in the order of the log
 *   {"end":…}       how many entries there are, so that a lost end is seen
 *
 * There is no hash over all lines: each octet of an entry or an append message is signed or leads to what is signed, and the
 * manifest has its own. A sum would only tell once more, and later, what the line itself tells by its index.
 */
import {
  AuditFilter as AuditFilterSchema,
  Entry,
  ExportedAppend,
  makeChecker,
  SignedStatement,
} from '@strongroom/contracts';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
/** 32 bytes in the one text that they have: the last character holds four bits. */
const sha256 = Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$' });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const BundleManifest = Type.Object(
  {
    type: Type.Literal('strongroom.audit-bundle/1'),
    /** Identity key, 32 bytes; its fingerprint is what the verifier is told. */
    identity: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    /** C2SP signed note. */
    checkpoint: Type.String({ maxLength: 4_096 }),
    /** Certificate of the log key by the identity key. */
    logKey: SignedStatement,
    /** Every entry up to the checkpoint that fits it is meant to be here. */
    filter: AuditFilterSchema,
  },
  closed,
);
export type BundleManifest = Static<typeof BundleManifest>;

export const BundleEntry = Type.Object(
  {
    append: count,
    entry: Entry,
    index: count,
    offset: count,
    /** From the leaf up; `JointProof`. */
    proof: Type.Array(sha256, { maxItems: 63 }),
  },
  closed,
);
export type BundleEntry = Static<typeof BundleEntry>;

export const BundleEnd = Type.Object({ entries: count }, closed);
export type BundleEnd = Static<typeof BundleEnd>;

export const bundleLine = {
  manifest: makeChecker(Type.Object({ hash: sha256, manifest: BundleManifest }, closed)),
  append: makeChecker(Type.Object({ append: ExportedAppend }, closed)),
  entry: makeChecker(Type.Object({ entry: BundleEntry }, closed)),
  end: makeChecker(Type.Object({ end: BundleEnd }, closed)),
};

/** An entry of 64 KiB with its proof, or an append message of 256 bodies, fits several times. */
export const lineCharactersMax = 262_144;
