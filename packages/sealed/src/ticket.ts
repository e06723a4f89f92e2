/**
 * Session tickets: what a worker knows of a session, encrypted for all workers of the pool, so that none has to remember
 * it. After RFC 5077 section 4: version, id of the ticket key, nonce, ciphertext, tag. Inside: the session secret as raw
 * octets, then the claims as canonical JSON.
 *
 * The nonce is 96 random bits. A ticket key serves for minutes, so even thousands of tickets a second stay far from the
 * 2^32 messages that NIST SP 800-38D section 8.3 allows one key with such nonces.
 */
import { createCipheriv, createDecipheriv, createHash, type KeyObject, randomFillSync } from 'node:crypto';
import { CanonicalError, canonicalBytes, decodeBytes, encodeBytes } from '@strongroom/canonical';
import { makeChecker, Proof, RoutingHeader, type SessionGrant } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import { Type } from 'typebox';
import { parseChecked } from './schema.ts';
import { sessionSecretBytes } from './session-keys.ts';

/** Longest life of a session; a proof that ends sooner ends its session sooner. */
export const sessionLifetimeMsMax = 600_000;
const ticketBytesMax = 2_048;

export interface TicketKey {
  /** At most 2^32 - 1; travels in the clear. */
  readonly id: number;
  /** 256 bits, the same for all workers of the pool. */
  readonly key: KeyObject;
}

/** Neither method throws: a key that is not known, not yet or not any more, is absent. */
export interface TicketKeyring {
  current(): TicketKey;
  find(id: number): KeyObject | undefined;
}

/** What the worker verified when the session was opened. */
export interface SessionClaims {
  readonly principal: string;
  readonly proof: Proof['kind'];
  /** Registry state that the proof was verified against; when the registry has moved on, the worker looks again. */
  readonly registrySequence: number;
  /** Verified facts of the proof that authorisation needs, such as the namespace: at most 16, of 256 characters each. */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface TicketContent {
  readonly claims: SessionClaims;
  readonly expiresAtMs: number;
  /** Whoever takes it disposes of it. */
  readonly secret: SecretBytes;
}

const proofKinds = Proof.anyOf.map((proof) => proof.properties.kind);
const ticketClaims = makeChecker(
  Type.Object(
    {
      principal: Type.String({ maxLength: 200 }),
      proof: Type.Union(proofKinds),
      registrySequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      facts: Type.Optional(
        Type.Record(Type.String({ pattern: '^[A-Za-z]{1,40}$' }), Type.String({ maxLength: 256 }), {
          maxProperties: 16,
          // A record alone leaves every name outside of its pattern open.
          additionalProperties: false,
        }),
      ),
      expiresAt: RoutingHeader.properties.notAfter,
    },
    { additionalProperties: false },
  ),
);

const cipher = 'aes-256-gcm';
const version = 1;
const prefixBytes = 5;
const nonceEnd = prefixBytes + 12;
const authTag = { authTagLength: 16 };
/** Keeps a ticket key that is derived for another purpose by mistake from opening anything. */
const domain = Buffer.from('strongroom/ticket/1\0');

export class TicketBox {
  readonly #keyring: TicketKeyring;
  readonly #nowMs: () => number;

  constructor(keyring: TicketKeyring, nowMs: () => number = Date.now) {
    this.#keyring = keyring;
    this.#nowMs = nowMs;
  }

  /** Leaves the secret to the caller. Throws `proof-expired` where no time is left. */
  issue(
    secret: SecretBytes,
    claims: SessionClaims,
    proofExpiresAtMs: number = Number.POSITIVE_INFINITY,
  ): SessionGrant {
    const nowMs = this.#nowMs();
    const expiresAtMs = Math.floor(Math.min(nowMs + sessionLifetimeMsMax, proofExpiresAtMs));
    if (!(expiresAtMs > nowMs)) throw new StrongroomError('proof-expired');
    const expiresAt = new Date(expiresAtMs).toISOString();
    const { principal, proof, registrySequence, facts } = claims;
    const content = {
      principal,
      proof,
      registrySequence,
      ...(facts === undefined ? {} : { facts }),
      expiresAt,
    };
    if (!ticketClaims.check(content)) throw new RangeError('no worker would take these claims back');
    const ticket = secret.use((bytes) => this.#seal(bytes, canonicalBytes(content)));
    if (ticket.length > ticketBytesMax) throw new RangeError('the claims do not fit into a ticket');
    return { ticket: encodeBytes(ticket), expiresAt };
  }

  /** Throws `session-ended` alike for what expired, what no ticket key opens and what never was a ticket. */
  open(ticket: string): TicketContent {
    const { secret, claims } = split(this.#unseal(ticketOctets(ticket)));
    const { expiresAt, ...rest } = claims;
    const expiresAtMs = Date.parse(expiresAt);
    if (!(expiresAtMs > this.#nowMs())) {
      secret.dispose();
      throw new StrongroomError('session-ended');
    }
    return { claims: rest, expiresAtMs, secret };
  }

  #seal(secret: Uint8Array, claims: Uint8Array): Uint8Array {
    const { id, key } = this.#keyring.current();
    const prefix = Buffer.allocUnsafe(nonceEnd);
    prefix.writeUInt8(version, 0);
    prefix.writeUInt32BE(id, 1);
    randomFillSync(prefix, prefixBytes);
    const sealing = createCipheriv(cipher, key, prefix.subarray(prefixBytes), authTag);
    sealing.setAAD(associated(prefix));
    const sealed = [sealing.update(secret), sealing.update(claims), sealing.final()];
    return Buffer.concat([prefix, ...sealed, sealing.getAuthTag()]);
  }

  #unseal(ticket: Buffer): Buffer {
    const tagStart = ticket.length - authTag.authTagLength;
    if (tagStart < nonceEnd + sessionSecretBytes || ticket[0] !== version)
      throw new StrongroomError('session-ended');
    const key = this.#keyring.find(ticket.readUInt32BE(1));
    if (key === undefined) throw new StrongroomError('session-ended');
    const opening = createDecipheriv(cipher, key, ticket.subarray(prefixBytes, nonceEnd), authTag);
    opening.setAAD(associated(ticket)).setAuthTag(ticket.subarray(tagStart));
    const plaintext = opening.update(ticket.subarray(nonceEnd, tagStart));
    try {
      opening.final();
    } catch (cause) {
      plaintext.fill(0);
      throw new StrongroomError('session-ended', { cause });
    }
    return plaintext;
  }
}

/** Short name of a ticket for logs, traces and caches; tells nothing about what is inside. */
export function ticketId(ticket: string): string {
  return createHash('sha256').update(ticket).digest().subarray(0, 12).toString('base64url');
}

function associated(prefix: Uint8Array): Uint8Array {
  return Buffer.concat([domain, prefix.subarray(0, prefixBytes)]);
}

function ticketOctets(ticket: string): Buffer {
  try {
    return Buffer.from(decodeBytes(ticket));
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw new StrongroomError('session-ended');
  }
}

function split(plaintext: Buffer) {
  const secret = SecretBytes.copyOf(plaintext.subarray(0, sessionSecretBytes));
  try {
    const claims = parseChecked(
      plaintext.subarray(sessionSecretBytes),
      ticketClaims,
      'session-ended',
      'ticket',
    );
    return { secret, claims };
  } catch (error) {
    secret.dispose();
    throw error;
  } finally {
    plaintext.fill(0);
  }
}
