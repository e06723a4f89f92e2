/** The files of an archive of the log that are not C2SP tlog-tiles; canonical JSON. */
import { type Static, Type } from 'typebox';
import { Bytes, Bytes32, Count, closed, Text } from '../fields.ts';
import { ExportedAppend } from './audit.ts';
import { SignedStatement } from './statement.ts';

/** `sealed.json`: how far the archive holds, and why that is to be believed. */
export const ArchiveSeal = closed({
  /** Identity key of the deployment; its fingerprint is what a verifier is told. */
  identity: Bytes32,
  /** Of everything that is archived, as a compact range of RFC 6962 nodes. */
  range: Bytes(3_072),
  size: Count,
  /** The signed tree that it is a prefix of, with what witnesses added, and the proof for that (RFC 6962 section 2.1.2). */
  checkpoint: Text(16_384),
  checkpointSize: Count,
  logKey: SignedStatement,
  consistency: Type.Array(Bytes32, { maxItems: 126 }),
});
export type ArchiveSeal = Static<typeof ArchiveSeal>;

/** `appends/<N>`: who signed the 256 entries of a tile. */
export const ArchivedSigners = closed({
  /** Of each entry: the append message that it came in, and its place there. */
  places: Type.Array(Type.Array(Count, { minItems: 2, maxItems: 2 }), { minItems: 256, maxItems: 256 }),
  appends: Type.Array(ExportedAppend, { maxItems: 256 }),
});
export type ArchivedSigners = Static<typeof ArchivedSigners>;
