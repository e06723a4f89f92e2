/**
 * What carriers may read of a request: where it goes, its class, its id and until when it makes sense, and by what the
 * body is protected: a sealing key or a session.
 */
import { makeChecker, RoutingHeader, SealingKeyStatement, SessionGrant } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Type } from 'typebox';
import { decodeFrame, type Frame, frameKind } from './frame.ts';
import { parseChecked } from './schema.ts';

const closed = { additionalProperties: false } as const;

export interface HpkeRequestHeader extends RoutingHeader {
  /** Names the private key. Two epochs 256 apart have the same RFC 9458 key id, so the id alone would not do. */
  readonly sealedTo: { readonly epoch: number };
}
export interface SessionRequestHeader extends RoutingHeader {
  readonly session: {
    readonly ticket: string;
    /** Grows with every message of the session and is never used twice: it is the nonce of the encryption. */
    readonly counter: number;
  };
}

const hpkeHeader = makeChecker(
  Type.Object(
    {
      ...RoutingHeader.properties,
      sealedTo: Type.Object({ epoch: SealingKeyStatement.properties.epoch }, closed),
    },
    closed,
  ),
);
const sessionHeader = makeChecker(
  Type.Object(
    {
      ...RoutingHeader.properties,
      session: Type.Object(
        {
          ticket: SessionGrant.properties.ticket,
          counter: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
        },
        closed,
      ),
    },
    closed,
  ),
);

const routingFields = Object.keys(RoutingHeader.properties) as readonly (keyof RoutingHeader)[];

export function parseHpkeHeader(frame: Frame): HpkeRequestHeader {
  return parseChecked(frame.header, hpkeHeader, 'message-malformed', 'header');
}

export function parseSessionHeader(frame: Frame): SessionRequestHeader {
  return parseChecked(frame.header, sessionHeader, 'message-malformed', 'header');
}

/**
 * What a carrier routes by. Nothing in it is verified: only who opens the body learns whether the header is true. Throws
 * `message-malformed` or `message-too-large`.
 */
export function readRoutingHeader(bytes: Uint8Array): RoutingHeader {
  const frame = decodeFrame(bytes);
  if (frame.kind === frameKind.hpkeRequest) return routingOf(parseHpkeHeader(frame));
  if (frame.kind === frameKind.sessionRequest) return routingOf(parseSessionHeader(frame));
  throw new StrongroomError('message-malformed', { detail: 'not a request' });
}

export function routingOf(header: RoutingHeader): RoutingHeader {
  const { v, pool, tenant, class: operationClass, requestId, notAfter } = header;
  return { v, pool, tenant, class: operationClass, requestId, notAfter };
}

/** The schema is closed and every field is a primitive, so this is equality. */
export function isSameRouting(left: RoutingHeader, right: RoutingHeader): boolean {
  return routingFields.every((field) => left[field] === right[field]);
}
