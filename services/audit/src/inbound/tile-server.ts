/**
 * Serves the log over HTTP as C2SP tlog-tiles says, for anybody's tooling. Nobody has to prove who they are here, and
 * entries say who did what: the listener is off unless it is configured, and serves hashes without the entries unless it
 * is told to. Answers never change once they were given, except for the checkpoint, so that a cache may stand before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Component, HttpListener } from '@strongroom/lifecycle';
import type { makeReadTiles } from '../app/read-tiles.ts';
import { parseTilePath, type TilePath } from '../domain/tile-path.ts';

export interface TileServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly servesEntries: boolean;
  readonly readTiles: ReturnType<typeof makeReadTiles>;
  readonly report: (task: string, fault: unknown) => void;
}

const connectionsMax = 64;
/** They share the connections to the database with searches of people. */
const readsInFlightMax = 8;
const pathCharactersMax = 128;

const forever = 'public, max-age=31536000, immutable';
const types = { checkpoint: 'text/plain; charset=utf-8', hashes: 'application/octet-stream' } as const;

export class TileServer extends HttpListener implements Component {
  readonly name = 'tiles';
  readonly #options: TileServerOptions;
  #inFlight = 0;

  constructor(options: TileServerOptions) {
    const { host, port } = options;
    super({ host, port, connectionsMax, answer: (...both) => void this.#answer(...both) });
    this.#options = options;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' });
    const path = url.length > pathCharactersMax ? undefined : parseTilePath(url);
    if (path === undefined) return refuse(response, 404);
    if (path.kind === 'entries' && !this.#options.servesEntries) return refuse(response, 403);
    if (this.#inFlight >= readsInFlightMax) return refuse(response, 503, { 'retry-after': '1' });
    this.#inFlight += 1;
    try {
      const bytes = await this.#options.readTiles(path);
      if (bytes === undefined) return refuse(response, 404);
      response.writeHead(200, headersOf(path, bytes)).end(method === 'HEAD' ? undefined : bytes);
    } catch (fault) {
      this.#options.report('tiles', fault);
      refuse(response, 503, { 'retry-after': '1' });
    } finally {
      this.#inFlight -= 1;
    }
  }
}

function headersOf({ kind }: TilePath, bytes: Uint8Array): Record<string, string | number> {
  return {
    'content-type': kind === 'checkpoint' ? types.checkpoint : types.hashes,
    'content-length': bytes.length,
    'cache-control': kind === 'checkpoint' ? 'no-cache' : forever,
    'x-content-type-options': 'nosniff',
  };
}

/** What is not there now may be in a second. */
function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'cache-control': 'no-store', ...headers }).end();
}
