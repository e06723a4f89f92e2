/**
 * What is inside a sealed message, and the routing header outside of it. The header is associated data of the
 * encryption and is repeated inside, so a carrier can read it and can not change it.
 */
import { type Static, type TSchema, Type } from 'typebox';
import {
  Bytes,
  Count,
  closed,
  closedRecord,
  Name,
  PrincipalId,
  PublicKey,
  RequestId,
  Signature,
  Text,
  Timestamp,
} from '../fields.ts';
import { PendingApproval } from './approval.ts';

/** Longest time between now and `notAfter`. */
export const requestLifetimeMsMax = 60_000;

export const RoutingHeader = closed({
  v: Type.Literal(1),
  pool: Name,
  tenant: Name,
  class: Type.Union([Type.Literal('crypto'), Type.Literal('manage')]),
  requestId: RequestId,
  /** The request is not carried out after this; at most 60 s ahead. */
  notAfter: Timestamp,
});
export type RoutingHeader = Static<typeof RoutingHeader>;

/** What `navigator.credentials.get` answered (WebAuthn section 5.2.2). */
export const PasskeyAssertion = closed({
  credentialId: Bytes(1_023, 1),
  authenticatorData: Bytes(1_024, 37),
  clientDataJson: Bytes(2_048, 1),
  signature: Bytes(128, 1),
});
export type PasskeyAssertion = Static<typeof PasskeyAssertion>;

/**
 * What a caller shows so that a worker can verify who asks.
 * `key`: signature (Ed25519, or ECDSA with SHA-256 on P-256) by the enrolled key over SHA-256("strongroom/proof/1" 0x00 requestHash purpose); purpose is one octet, 1 if
 * the message opens a session, else 0. `api-key`: `sr_<id>_<secret>`.
 * `workload-jwt`: service-account token (RFC 7519) of a registered cluster.
 * `session`: a person delegates to a key that their browser or command line made. The nonce of the ID token, and the challenge of
 * the passkey assertion, is base64url(SHA-256("strongroom/session-key/1" 0x00 sessionKey)); the signature is that of `key`, by
 * the session key.
 */
export const Proof = Type.Union([
  closed({ kind: Type.Literal('key'), principal: PrincipalId, signature: Signature }),
  closed({ kind: Type.Literal('api-key'), key: Text(120) }),
  closed({ kind: Type.Literal('workload-jwt'), cluster: Name, token: Text(8_192) }),
  closed({
    kind: Type.Literal('session'),
    principal: PrincipalId,
    sessionKey: PublicKey,
    idToken: Text(8_192),
    assertion: Type.Optional(PasskeyAssertion),
    signature: Signature,
  }),
]);
export type Proof = Static<typeof Proof>;

/**
 * The operation object: the same for REST, sealed, CLI, console and plugins (I10).
 * `requestHash` = SHA-256("strongroom/operation/1" 0x00 canonical({ routing, operation, params })).
 */
export const OperationMessage = closed({
  routing: RoutingHeader,
  operation: Text(64),
  /** Fits the request schema of the operation; checked against its own row. */
  params: closedRecord('^[\\s\\S]{0,64}$', Type.Unknown(), 32) as TSchema,
  /** Absent inside a session: the ticket carries the proof that opened it. */
  proof: Type.Optional(Proof),
  /** Asks for a session ticket in the reply. */
  openSession: Type.Optional(Type.Literal(true)),
});
export interface OperationMessage {
  readonly routing: RoutingHeader;
  readonly operation: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly proof?: Proof;
  readonly openSession?: true;
}

export const ErrorReply = closed({
  code: Text(64),
  detail: Type.Optional(Text(500)),
  retryAfterMs: Type.Optional(Count),
});
export type ErrorReply = Static<typeof ErrorReply>;

export const SessionGrant = closed({ ticket: Bytes(2_048), expiresAt: Timestamp });
export type SessionGrant = Static<typeof SessionGrant>;

const reply = {
  requestId: RequestId,
  /** Index of the entry in the log; absent only where the request could not be recorded. */
  entry: Type.Optional(Count),
  session: Type.Optional(SessionGrant),
};
export const ReplyMessage = Type.Union([
  closed({ ...reply, status: Type.Literal('done'), result: Type.Unknown() as TSchema }),
  closed({ ...reply, status: Type.Literal('pending'), approval: PendingApproval }),
  closed({ ...reply, status: Type.Literal('refused'), error: ErrorReply }),
]);
interface ReplyCommon {
  readonly requestId: string;
  readonly entry?: number;
  readonly session?: SessionGrant;
}
export type ReplyMessage = ReplyCommon &
  (
    | { readonly status: 'done'; readonly result: unknown }
    | { readonly status: 'pending'; readonly approval: PendingApproval }
    | { readonly status: 'refused'; readonly error: ErrorReply }
  );
