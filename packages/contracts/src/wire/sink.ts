/**
 * Sinks: where the log streams to besides its own store. What a sink is, is a record of the registry that was changed under
 * its quorum; the audit service gets all of them in one statement of the identity key, so no carrier can add one, keep one
 * alive or lead one elsewhere.
 */
import { type Static, Type } from 'typebox';
import {
  Bytes32,
  Count,
  closed,
  HttpsUrl,
  IpAddress,
  Name,
  RequestId,
  Signature,
  Text,
  Timestamp,
} from '../fields.ts';
import { RetentionDays } from './retention.ts';

/** PEM; with everything else of a target it fits into one field of an intent, so that approvers see all of it. */
export const Authorities = Type.String({ pattern: '^[A-Za-z0-9+/= \\n-]*$', maxLength: 2_800 });
export const SinkHost = Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$', maxLength: 253 });

const reach = {
  /** The only authorities that may vouch for the host; without it those that Node.js trusts. */
  ca: Type.Optional(Authorities),
  /** Addresses that the host may have although they are not public. Others that are not are never connected to. */
  addresses: Type.Optional(Type.Array(IpAddress, { maxItems: 8 })),
};

/** RFC 5424 over TLS, each message after the count of its octets (RFC 5425). */
export const SyslogTarget = closed({
  kind: Type.Literal('syslog'),
  host: SinkHost,
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** What the receiver takes as one message; an entry that does not fit is sent without its content. */
  messageBytesMax: Type.Integer({ minimum: 2_048, maximum: 131_072 }),
  ...reach,
});
export type SyslogTarget = Static<typeof SyslogTarget>;

/** `POST` with signatures of Standard Webhooks, scheme `v1a` (Ed25519): there is no secret to keep. */
export const WebhookTarget = closed({ kind: Type.Literal('webhook'), url: HttpsUrl, ...reach });
export type WebhookTarget = Static<typeof WebhookTarget>;

/** NDJSON in the folder that the audit service is configured with; the name of the sink is the name of the file. */
export const FileTarget = closed({
  kind: Type.Literal('file'),
  /** A file that has as much is closed and numbered. */
  rotateBytes: Type.Integer({ minimum: 65_536, maximum: 2 ** 32 }),
  /** Closed files that are kept; the oldest beyond are removed. */
  filesMax: Type.Integer({ minimum: 1, maximum: 10_000 }),
});
export type FileTarget = Static<typeof FileTarget>;

export const SinkTarget = Type.Union([SyslogTarget, WebhookTarget, FileTarget]);
export type SinkTarget = Static<typeof SinkTarget>;

export const sinksMax = 16;

export const SinkDefinition = closed({
  /** Request id of its making: its progress belongs to it and not to whatever has the name later. */
  id: RequestId,
  name: Name,
  /** First entry that it gets. */
  from: Count,
  target: SinkTarget,
});
export type SinkDefinition = Static<typeof SinkDefinition>;

/** Signed by the identity key as every statement is. The nonce is the asker's: an older answer is no answer. */
export const SinksStatement = closed({
  type: Type.Literal('strongroom.sinks/1'),
  origin: Text(128),
  nonce: Bytes32,
  sinks: Type.Array(SinkDefinition, { maxItems: sinksMax }),
  /** For how long the database holds what is archived; for ever where nobody has set it. */
  retentionDays: Type.Optional(RetentionDays),
  notBefore: Timestamp,
  notAfter: Timestamp,
});
export type SinksStatement = Static<typeof SinksStatement>;

export const SinksRequest = closed({ nonce: Bytes32 });
export type SinksRequest = Static<typeof SinksRequest>;
export const SinksReply = closed({ statement: SinksStatement, signature: Signature });
export type SinksReply = Static<typeof SinksReply>;
