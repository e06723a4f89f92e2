/** An HTTP server of a process, apart from its main work: bounded in connections and in time, whoever reaches the port. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly connectionsMax: number;
  readonly answer: RequestListener;
  /** What is being answered at a stop has so long; 2 s unless said otherwise. */
  readonly stopMsMax?: number;
}

const requestMsMax = 5_000;
const stopMsMaxDefault = 2_000;

export class HttpListener {
  readonly #options: HttpListenerOptions;
  #server: Server | undefined;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async start(): Promise<void> {
    const { host, port, connectionsMax, answer } = this.#options;
    const server = createServer({ requestTimeout: requestMsMax, headersTimeout: requestMsMax }, answer);
    server.maxConnections = connectionsMax;
    server.listen(port, host);
    this.#server = server;
    await once(server, 'listening');
  }

  /** A caller that never ends its request does not keep the process from ending. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined || !server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), this.#options.stopMsMax ?? stopMsMaxDefault);
    await closed;
    clearTimeout(cut);
  }
}
