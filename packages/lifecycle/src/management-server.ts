/**
 * Liveness, readiness and metrics on a port of their own, away from callers. Liveness says only that the event loop
 * turns: a process whose database is away must not be restarted for it.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Component } from './service.ts';

export interface ManagementServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Component → why it is not ready; empty when all are. */
  readonly unready: () => Readonly<Record<string, string>>;
  /** Prometheus text exposition. */
  readonly metrics: () => Promise<string>;
}

export class ManagementServer implements Component {
  readonly name = 'management';
  readonly #options: ManagementServerOptions;
  #server: Server | undefined;

  constructor(options: ManagementServerOptions) {
    this.#options = options;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async start(): Promise<void> {
    const { host, port, unready, metrics } = this.#options;
    this.#server = createServer((request, response) => {
      const send = (status: number, type: string, body: string): void => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      };
      const path = request.method === 'GET' ? request.url : undefined;
      if (path === '/livez') return send(200, 'text/plain', 'ok\n');
      if (path === '/readyz') {
        const reasons = unready();
        return send(
          Object.keys(reasons).length === 0 ? 200 : 503,
          'application/json',
          JSON.stringify(reasons),
        );
      }
      if (path !== '/metrics') return send(404, 'text/plain', 'not found\n');
      return void metrics().then(
        (body) => send(200, 'text/plain; version=0.0.4', body),
        () => send(500, 'text/plain', 'metrics failed\n'),
      );
    });
    this.#server.requestTimeout = 5_000;
    this.#server.maxConnections = 32;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    if (server.listening) await once(server, 'close');
  }
}
