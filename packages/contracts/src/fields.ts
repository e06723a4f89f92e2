/**
 * The field types that messages are made of. The wire is closed: every object forbids further properties, every string
 * and array has a maximum, nothing has a default and nothing is coerced. Bytes travel as base64url without padding
 * (RFC 4648 section 5), time as RFC 3339 UTC with milliseconds.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox';

export const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** A map from names that fit the pattern. `Type.Record` alone leaves every other name, with any value, open. */
export const closedRecord = <Value extends TSchema>(namePattern: string, value: Value, namesMax: number) =>
  Type.Record(Type.String({ pattern: namePattern }), value, {
    maxProperties: namesMax,
    additionalProperties: false,
  });

/** Pattern of the names of request and reply fields. */
export const fieldNamePattern = '^[A-Za-z]{1,40}$';

/** A name that people choose: tenants, groups, keys, secrets, clusters, pools, roles, policies. */
export const Name = Type.String({ pattern: '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$', maxLength: 63 });

/** `user:alice`, `app:billing`, `plugin:node-1`, `workload:<cluster>/<namespace>/<service account>`. Never reused. */
export const PrincipalId = Type.String({
  pattern:
    '^((user|app|plugin):[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?|workload:[a-z0-9.-]{1,63}/[a-z0-9-]{1,63}/[a-z0-9.-]{1,63})$',
  maxLength: 200,
});

/**
 * What is asked for by name. The characters are those of names: what has others was never the name of anything, and a
 * question has to fit an entry of the log.
 */
export const AskedName = (charactersMax: number) =>
  Type.String({ pattern: '^[a-z0-9:/._*-]*$', maxLength: charactersMax });

/** Whether what a record vouches for is believed. What was disabled keeps its name: nobody else can take it over. */
export const Standing = Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]);
export type Standing = Static<typeof Standing>;

/** One permission, `<area>.<verb>`. */
export const Privilege = Type.String({ pattern: '^[a-z]+(-[a-z]+)*\\.[a-z]+(-[a-z]+)*$', maxLength: 64 });

/** UUID version 7 (RFC 9562 section 5.7), lower case. Chosen by the caller; the idempotency key of a mutation. */
export const RequestId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  maxLength: 36,
});

export const Timestamp = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$',
  maxLength: 24,
});

/** At most `bytesMax` bytes as base64url. */
export const Bytes = (bytesMax: number, bytesMin = 0) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]*$',
    minLength: Math.ceil((bytesMin * 4) / 3),
    maxLength: Math.ceil((bytesMax * 4) / 3),
  });

/**
 * Exactly 32 bytes: SHA-256, Ed25519 and X25519 public keys. Their last character has bits that stand for nothing and are zero
 * (RFC 4648 section 3.5), or one value could be written in several ways.
 */
export const Bytes32 = Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$', maxLength: 43 });

/** A key that a principal signs with: 32 bytes are Ed25519 (RFC 8032), 33 a compressed point of P-256 (SEC 1 section 2.3.3). */
export const PublicKey = Type.String({ pattern: '^[A-Za-z0-9_-]{43,44}$', maxLength: 44 });

/** Exactly 64 bytes, written in one way: a signature of Ed25519 (RFC 8032), or r and s of ECDSA on P-256. */
export const Signature = Type.String({ pattern: '^[A-Za-z0-9_-]{85}[AQgw]$', maxLength: 86 });

/**
 * `sr1.<key id>.<version>.<form>.<payload>`: a ciphertext that says which key made it. The schema knows its alphabet, the worker
 * its parts, so that one damaged text among many is refused alone.
 */
export const Ciphertext = Type.String({ pattern: '^[A-Za-z0-9._-]*$', maxLength: 88_000 });

export const HttpsUrl = Type.String({ pattern: '^https://[!-~]+$', maxLength: 512 });

/** IPv4 or IPv6, one address and no range. */
export const IpAddress = Type.String({ pattern: '^[0-9a-f.:]{2,39}$', maxLength: 39 });

/** Counts from 1. */
export const Version = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 });
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Text = (charactersMax: number) => Type.String({ maxLength: charactersMax });
/** Opaque place in a listing, handed out by the previous page. */
export const Cursor = Type.String({ pattern: '^[A-Za-z0-9_-]{1,256}$', maxLength: 256 });
export const PageLimit = Type.Integer({ minimum: 1, maximum: 500 });
