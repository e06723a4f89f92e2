/**
 * One `POST` a page, signed as Standard Webhooks ask (https://www.standardwebhooks.com), scheme `v1a`: Ed25519 by the key of
 * this service that the governance root names. So there is no secret that a database, a backup or an operator could leak.
 * Taken is what is answered with 2xx; redirects are not followed.
 */
import { isIP } from 'node:net';
import type { SinkDefinition, WebhookTarget } from '@strongroom/contracts';
import { answerLookup, checkedAddress, type Resolve } from '@strongroom/egress';
import { Client } from 'undici';
import type { Sink, SinkPage } from '../../ports/sink.ts';

export interface WebhookOptions {
  readonly resolve?: Resolve;
  readonly signAsService: (bytes: Uint8Array) => Uint8Array;
}

const answerBytesMax = 65_536;
const connectMsMax = 5_000;

export function openWebhookSink(
  { id }: Pick<SinkDefinition, 'id'>,
  { url: text, ca, addresses = [] }: WebhookTarget,
  { resolve, signAsService }: WebhookOptions,
): Sink {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    async deliver(page, signal) {
      const address = await checkedAddress(host, addresses, resolve);
      signal.throwIfAborted();
      const client = new Client(url.origin, {
        allowH2: false,
        pipelining: 0,
        maxResponseSize: answerBytesMax,
        connect: {
          ...(ca === undefined ? {} : { ca }),
          ...(isIP(host) === 0 ? { servername: host } : {}),
          // The address that was checked, whatever the name server says a moment later.
          lookup: (_host, options, done) => answerLookup(address, options, done),
          minVersion: 'TLSv1.2',
          rejectUnauthorized: true,
          timeout: connectMsMax,
        },
      });
      try {
        const body = bodyOf(page);
        const { statusCode, body: answer } = await client.request({
          method: 'POST',
          path: `${url.pathname}${url.search}`,
          headers: { 'content-type': 'application/json', ...signatureHeaders(id, page, body, signAsService) },
          body,
          signal,
        });
        await answer.dump({ limit: answerBytesMax, signal });
        if (statusCode < 200 || statusCode > 299)
          throw new Error(`the receiver answered with status ${statusCode}`);
      } finally {
        await client.destroy();
      }
    },
  };
}

/** The lines are JSON already, and stay octet for octet what was hashed. */
function bodyOf({ lines, checkpoint }: SinkPage): string {
  const timestamp = JSON.stringify(lines.at(-1)?.at);
  const entries = lines.map(({ text }) => text).join(',');
  const covered = checkpoint === undefined ? '' : `,"checkpoint":${checkpoint}`;
  return `{"type":"strongroom.audit.entries","timestamp":${timestamp},"data":{"entries":[${entries}]${covered}}}`;
}

/** The id is the same when the same page is sent again. */
function signatureHeaders(
  sink: string,
  { lines }: SinkPage,
  body: string,
  sign: (bytes: Uint8Array) => Uint8Array,
): Record<string, string> {
  const id = `msg_${sink}_${lines[0]?.index}_${lines.at(-1)?.index}`;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = Buffer.from(sign(Buffer.from(`${id}.${timestamp}.${body}`, 'utf8'))).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,${signature}` };
}
