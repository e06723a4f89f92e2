/**
 * The tail as server-sent events, for tools on the machine of the reader. The stream is made where the pages are opened: what
 * carries them to here can delay them and nothing else, so nobody in the middle has to be trusted with it. Whoever connects
 * shows the token that was printed at the start, because every process of the machine reaches the port.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type CanonicalValue, canonicalText, equalBytes } from '@strongroom/canonical';
import type { IndexedEntry } from '@strongroom/contracts';
import { toStrongroomError } from '@strongroom/errors';

export interface TailServerOptions {
  /** 32 or more characters. */
  readonly token: string;
  /** Index of the first entry of a reader that does not say where it was. */
  readonly first: number;
  /** Entries from an index on; never ends by itself. */
  readonly tail: (first: number, signal: AbortSignal) => AsyncIterable<IndexedEntry>;
}

/** Each of them asks the log by itself, and every question is an entry. */
const readersMax = 4;
const loopback = '127.0.0.1';

export class TailServer {
  readonly #options: TailServerOptions;
  readonly #server: Server;
  readonly #readers = new Set<AbortController>();

  constructor(options: TailServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Port 0: any free one. Answers with the one it is. */
  async listen(port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject).listen(port, loopback, resolve);
    await promise;
    return (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.abort();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const first = firstOf(request.headers['last-event-id']) ?? this.#options.first;
    const reader = new AbortController();
    this.#readers.add(reader);
    response.once('close', () => reader.abort());
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    try {
      for await (const one of this.#options.tail(first, reader.signal)) {
        if (reader.signal.aborted) break;
        const data = canonicalText(one as unknown as CanonicalValue);
        const isTaken = response.write(`id: ${one.index}\nevent: entry\ndata: ${data}\n\n`);
        // A reader that takes nothing holds one page here, and no more is asked for.
        if (!isTaken) await drained(response, reader.signal);
      }
    } catch (fault) {
      // Without an id: a reader that comes again goes on behind the last entry that it has.
      const { code, detail } = toStrongroomError(fault);
      if (!reader.signal.aborted)
        response.write(`event: failed\ndata: ${JSON.stringify({ code, detail })}\n\n`);
    } finally {
      this.#readers.delete(reader);
      response.end();
    }
  }

  #refusalOf({ method, url = '/', headers }: IncomingMessage): number | undefined {
    const { port } = this.#server.address() as { port: number };
    // A page of the web that has its own name lead here is none of ours.
    if (headers.host !== `${loopback}:${port}`) return 421;
    const asked = new URL(url, `http://${loopback}`);
    if (method !== 'GET' || asked.pathname !== '/') return 404;
    const shown = headers.authorization?.replace(/^Bearer /, '') ?? asked.searchParams.get('token') ?? '';
    if (!equalBytes(Buffer.from(shown), Buffer.from(this.#options.token))) return 401;
    return this.#readers.size >= readersMax ? 503 : undefined;
  }
}

/** The one behind the last that the reader has; `undefined` for what is no index. */
function firstOf(lastEventId: string | string[] | undefined): number | undefined {
  const last =
    typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
  return last === undefined ? undefined : last + 1;
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
