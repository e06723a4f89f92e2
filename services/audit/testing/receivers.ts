/** Receivers of the log as they stand elsewhere: syslog over TLS and HTTPS on the loopback interface, with faults on demand. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { TestCertificate } from '@strongroom/testing';

interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** `deaf`: takes connections and reads nothing. `cuts`: closes after the first octets. `mute`: reads and never closes. `hasty`: closes in order, at once. */
export type SyslogManner = 'good' | 'deaf' | 'cuts' | 'mute' | 'hasty';

export interface SyslogReceiver extends Listening {
  readonly messages: string[];
  manner: SyslogManner;
}

export async function startSyslogReceiver(
  { certFile, keyFile }: TestCertificate,
  clientCaFile?: string,
): Promise<SyslogReceiver> {
  const messages: string[] = [];
  const options = { cert: readFileSync(certFile), key: readFileSync(keyFile), allowHalfOpen: true };
  const clients =
    clientCaFile === undefined
      ? {}
      : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true };
  const receiver = { manner: 'good' as SyslogManner, messages };
  const server = createTlsServer({ ...options, ...clients }, (socket) => {
    socket.on('error', () => undefined);
    if (receiver.manner === 'deaf') return;
    if (receiver.manner === 'hasty') return void socket.resume().end();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => {
      if (receiver.manner === 'cuts') socket.destroy();
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      if (receiver.manner === 'mute') return;
      messages.push(...split(Buffer.concat(chunks)));
      socket.end();
    });
  });
  return Object.assign(receiver, await listen(server));
}

/** RFC 5425 section 4.3: MSG-LEN SP SYSLOG-MSG. */
function split(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, space).toString('latin1'));
    if (!Number.isSafeInteger(length) || length < 1) throw new Error('not octet-counted');
    messages.push(bytes.subarray(space + 1, space + 1 + length).toString('utf8'));
    at = space + 1 + length;
  }
  return messages;
}

export interface Posted {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface WebhookReceiver extends Listening {
  readonly posted: Posted[];
  /** 0: no answer at all. */
  status: number;
  location: string | undefined;
}

export async function startWebhookReceiver({ certFile, keyFile }: TestCertificate): Promise<WebhookReceiver> {
  const receiver = { posted: [] as Posted[], status: 204, location: undefined as string | undefined };
  const options = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const server = createHttpsServer(options, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    receiver.posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    if (receiver.status === 0) return;
    response.writeHead(
      receiver.status,
      receiver.location === undefined ? {} : { location: receiver.location },
    );
    response.end();
  });
  return Object.assign(receiver, await listen(server));
}

async function listen(server: TlsServer | HttpsServer): Promise<Listening> {
  // Also those whose handshake failed: half-open ones would keep the server from closing.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
