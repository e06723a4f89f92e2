/**
 * Liveness, readiness and metrics on a port of their own, away from callers. Liveness says only that the event loop
 * turns: a process whose database is away must not be restarted for it.
 */
import type { RequestListener } from 'node:http';
import { HttpListener } from './http-listener.ts';
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

export class ManagementServer extends HttpListener implements Component {
  readonly name = 'management';

  constructor({ host, port, unready, metrics }: ManagementServerOptions) {
    super({ host, port, connectionsMax: 32, answer: answering(unready, metrics) });
  }
}

function answering(
  unready: ManagementServerOptions['unready'],
  metrics: ManagementServerOptions['metrics'],
): RequestListener {
  return (request, response) => {
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const path = request.method === 'GET' ? request.url : undefined;
    if (path === '/livez') return send(200, 'text/plain', 'ok\n');
    if (path === '/readyz') {
      const reasons = unready();
      const status = Object.keys(reasons).length === 0 ? 200 : 503;
      return send(status, 'application/json', JSON.stringify(reasons));
    }
    if (path !== '/metrics') return send(404, 'text/plain', 'not found\n');
    return void metrics().then(
      (body) => send(200, 'text/plain; version=0.0.4', body),
      () => send(500, 'text/plain', 'metrics failed\n'),
    );
  };
}
