import { randomBytes } from 'node:crypto';
import {
  AuthorizationError,
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { StrongroomError } from '@strongroom/errors';
import type { SecretString } from '@strongroom/secret';
import type { Bus, BusObserver } from './bus.ts';
import { type BusClientName, inboxOf } from './bus-user.ts';
import { NatsBus } from './nats-bus.ts';
import { assertServerAccepted } from './server-version.ts';

/** Paths of PEM files, read again at every connection. */
export interface BusTls {
  /** Without it the authorities of Node.js count. */
  readonly caFile?: string | undefined;
  /** Certificate and key of this client, where the server asks for them. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface BusOptions {
  /** `nats://host:port`, or `tls://host:port` for TLS. */
  readonly url: string | readonly string[];
  readonly service: BusClientName;
  /** nkey seed of the service's user, `SU…`. */
  readonly seed: SecretString | string;
  /** Of the process, for people who look at the server. */
  readonly name?: string;
  readonly tls?: BusTls;
  readonly pendingMax?: number;
  readonly clockSkewMsMax?: number;
  readonly observer?: BusObserver;
}

const connectMsMax = 5_000;
const reconnectMs = 250;
/** A connection that the network swallowed is given up after three of these. */
const pingMs = 5_000;

/**
 * Resolves when the server has accepted the credential. Rejects with `bus-unavailable`, or with `configuration-invalid`
 * when the server is too old to be trusted with permissions.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const connection = await open(options);
  try {
    assertServerAccepted(connection.info?.version);
    const inbox = `${inboxOf(options.service)}.${randomBytes(16).toString('hex')}`;
    const { service, pendingMax, clockSkewMsMax, observer } = options;
    const bus = new NatsBus({ connection, service, inbox, pendingMax, clockSkewMsMax, observer });
    await bus.start();
    return bus;
  } catch (problem) {
    await connection.close();
    throw problem;
  }
}

async function open(options: BusOptions): Promise<NatsConnection> {
  const encode = (text: string) => new TextEncoder().encode(text.trim());
  const tls = tlsOptions(options);
  const seed = typeof options.seed === 'string' ? encode(options.seed) : options.seed.use(encode);
  try {
    return await connect({
      servers: typeof options.url === 'string' ? options.url : [...options.url],
      name: options.name ?? options.service,
      authenticator: nkeyAuthenticator(seed),
      inboxPrefix: inboxOf(options.service),
      timeout: connectMsMax,
      reconnectTimeWait: reconnectMs,
      maxReconnectAttempts: -1,
      pingInterval: pingMs,
      maxPingOut: 2,
      // The client takes a stack trace for every request otherwise (measured: half of the throughput).
      noAsyncTraces: true,
      ...tls,
    });
  } catch (cause) {
    const isRefused = cause instanceof AuthorizationError;
    const detail = isRefused ? 'the bus refuses the credential' : 'no connection to the bus';
    throw new StrongroomError('bus-unavailable', { detail, cause });
  }
}

/** TLS from the first octet: with the usual upgrade, whoever is in between could strip the offer of it. */
function tlsOptions({ url, tls = {} }: BusOptions): Pick<NodeConnectionOptions, 'tls'> {
  const schemes = new Set([url].flat().map((one) => new URL(one).protocol));
  const files = Object.fromEntries(Object.entries(tls).filter(([, file]) => file !== undefined));
  if (schemes.size > 1) throw invalid('either all URLs of the bus ask for TLS or none');
  // The client hands on what it does not know itself, such as the lowest version, to Node.js.
  const floor = { minVersion: 'TLSv1.3' };
  if (schemes.has('tls:')) return { tls: { ...files, ...floor, handshakeFirst: true } };
  if (Object.keys(files).length > 0) throw invalid('certificates for the bus need a tls:// URL');
  return {};
}

const invalid = (detail: string) => new StrongroomError('configuration-invalid', { detail });
