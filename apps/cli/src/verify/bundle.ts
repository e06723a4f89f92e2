/**
 * A bundle: entries of the log with everything to verify them and no network. Lines of canonical JSON, each ended by a
 * line feed:
 *
 *   {"manifest":…}  who vouches: identity key, certified log key, signed checkpoint; what was asked for; its own hash
 *   {"append":…}    what a certified worker signed; before the first entry that came in it
 *   {"entry":…}     one entry, its proof to the checkpoint, and its place in its append message; in the order of the log
 *   {"end":…}       how much there was, and the hash of all bytes before, so that a lost end or a stray change is seen
 *
 * The hashes protect against accidents and tell where. What protects against people is signed: an attacker can write new
 * hashes, and no new entry.
 */
import {
  AuditFilter as AuditFilterSchema,
  ExportedAppend,
  ExportedEntry,
  makeChecker,
  SignedStatement,
} from '@strongroom/contracts';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const sha256 = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
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

export const BundleEnd = Type.Object(
  {
    appends: count,
    entries: count,
    /** Of all lines before this one with their ends; `bundle-hash.ts`. */
    lines: sha256,
  },
  closed,
);
export type BundleEnd = Static<typeof BundleEnd>;

export const bundleLine = {
  manifest: makeChecker(Type.Object({ hash: sha256, manifest: BundleManifest }, closed)),
  append: makeChecker(Type.Object({ append: ExportedAppend }, closed)),
  entry: makeChecker(Type.Object({ entry: ExportedEntry }, closed)),
  end: makeChecker(Type.Object({ end: BundleEnd }, closed)),
};

/** An entry of 64 KiB in base64 with its proof, or an append message of 256 bodies, fits several times. */
export const lineCharactersMax = 262_144;
