/**
 * RFC 5424 messages over TLS, each after the count of its octets (RFC 5425 section 4.3). Syslog has no acknowledgement: a
 * sender that only writes loses whatever was under way when a connection breaks. So a page is a connection, and what
 * acknowledges it is that the receiver closes its side after ours (RFC 5425 section 4.4), having read to the end.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { connect, type TLSSocket } from 'node:tls';
import type { TlsFiles } from '@strongroom/config';
import type { SyslogTarget } from '@strongroom/contracts';
import { checkedAddress, type Resolve } from '@strongroom/egress';
import type { SinkLine } from '../../domain/sink-line.ts';
import type { Sink, SinkPage } from '../../ports/sink.ts';

export interface SyslogOptions {
  readonly resolve?: Resolve;
  /** Certificate for receivers that ask for one; read at every connection, so that a renewed one needs no restart. */
  readonly client?: Pick<TlsFiles, 'certFile' | 'keyFile'>;
}

/** "log audit" of RFC 5424 table 1. */
const facility = 13;
const severity = { warning: 4, informational: 6 } as const;

export function openSyslogSink(target: SyslogTarget, { resolve, client = {} }: SyslogOptions): Sink {
  const { host, port, ca, addresses = [], messageBytesMax } = target;
  return {
    async deliver(page, signal) {
      const certificate = await readCertificate(client);
      const address = await checkedAddress(host, addresses, resolve);
      signal.throwIfAborted();
      const socket = connect({
        host: address,
        port,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === undefined ? {} : { ca }),
        ...certificate,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
      });
      const abort = () => socket.destroy(new Error('the receiver took too long'));
      signal.addEventListener('abort', abort, { once: true });
      try {
        await send(socket, frames(page, messageBytesMax));
      } finally {
        signal.removeEventListener('abort', abort);
        socket.destroy();
      }
    },
  };
}

async function readCertificate({ certFile, keyFile }: Pick<TlsFiles, 'certFile' | 'keyFile'>) {
  if (certFile === undefined || keyFile === undefined) return {};
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return { cert, key };
}

/** Resolves when the other side has closed after all of ours was out; rejects however else the connection ends. */
function send(socket: TLSSocket, bytes: Buffer): Promise<void> {
  let isAllOut = false;
  let isTaken = false;
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () =>
      socket.end(bytes, () => {
        isAllOut = true;
      }),
    );
    socket.once('end', () => {
      isTaken = isAllOut;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      if (isTaken) resolve();
      else reject(new Error('the receiver closed before it had everything'));
    });
    socket.resume();
  });
}

function frames({ lines, checkpoint }: SinkPage, messageBytesMax: number): Buffer {
  const messages = lines.map((line) => {
    const message = syslogMessage(line, line.text);
    return message.length <= messageBytesMax ? message : syslogMessage(line, line.brief);
  });
  const last = lines.at(-1);
  if (checkpoint !== undefined && last !== undefined)
    messages.push(syslogMessage({ ...last, outcome: 'done' }, checkpoint, 'checkpoint'));
  return Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message]));
}

/** Without structured data: that would need a registered enterprise number, and the message is JSON already. */
function syslogMessage({ at, outcome }: SinkLine, text: string, id = 'entry'): Buffer {
  const level = outcome === 'done' || outcome === 'intended' ? severity.informational : severity.warning;
  return Buffer.from(`<${facility * 8 + level}>1 ${at} ${hostname()} strongroom - ${id} - ${text}`, 'utf8');
}
