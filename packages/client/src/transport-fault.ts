/** What a fault of the connection means to a caller: nobody there, not the one expected, or lost on the way. */
import { StrongroomError } from '@strongroom/errors';

/** Faults before a byte of the request was sent (Node.js, OpenSSL and undici names). */
const notConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** X.509 verification results of OpenSSL and the name check of Node.js. */
const certificateFault =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;
/** Anything else of the handshake, such as a peer without TLS 1.3. */
const handshakeFault = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/;

/** The request may have arrived. Never leaves this package: what it means depends on what was asked. */
export class LostConnection extends Error {
  constructor(cause: unknown) {
    super('the connection to the gateway was lost', { cause });
    this.name = 'LostConnection';
  }
}

/** `identity-mismatch`, `worker-unavailable`, `stopping`, or a lost connection for all that is left. */
export function transportFault(cause: unknown): StrongroomError | LostConnection {
  const code = codeOf(cause);
  if (certificateFault.test(code)) {
    return new StrongroomError('identity-mismatch', { detail: `the gateway's certificate: ${code}`, cause });
  }
  if (handshakeFault.test(code) || notConnected.has(code)) {
    return new StrongroomError('worker-unavailable', {
      detail: `the gateway can not be reached: ${code}`,
      cause,
    });
  }
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') {
    return new StrongroomError('stopping', { detail: 'the client is closed', cause });
  }
  return new LostConnection(cause);
}

function codeOf(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null) return '';
  const { code } = fault as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
