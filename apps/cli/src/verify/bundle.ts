/**
 * A bundle: entries of the log with everything to verify them, as lines of canonical JSON. First the manifest, then the
 * append messages and entries. `strongroom audit verify` needs the fingerprint of the deployment's identity and no network.
 */
import {
  type AuditFilter,
  AuditFilter as AuditFilterSchema,
  ExportedAppend,
  ExportedEntry,
  makeChecker,
  SignedStatement,
} from '@strongroom/contracts';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

export const BundleManifest = Type.Object(
  {
    type: Type.Literal('strongroom.audit-bundle/1'),
    /** Identity key, 32 bytes; its fingerprint is what the verifier is told. */
    identity: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    /** C2SP signed note. */
    checkpoint: Type.String({ maxLength: 4_096 }),
    logKey: SignedStatement,
    filter: AuditFilterSchema,
  },
  closed,
);
export type BundleManifest = Static<typeof BundleManifest>;

export const bundleLine = {
  manifest: makeChecker(Type.Object({ manifest: BundleManifest }, closed)),
  append: makeChecker(Type.Object({ append: ExportedAppend }, closed)),
  entry: makeChecker(Type.Object({ entry: ExportedEntry }, closed)),
};

export const lineCharactersMax = 262_144;

/** Whether entries 0 to n are all meant to be in the bundle. */
export const isWholeLog = (filter: AuditFilter): boolean => Object.keys(filter).length === 0;
