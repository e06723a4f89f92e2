/** A gateway over real TLS that hands frames to a worker in this process, unless the test steps in between. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { bundleMediaType, bundleRecord, decodeBundle, sealedMediaType } from '@strongroom/sealed';
import type { Certificates } from './certificates.ts';
import type { FakeWorker } from './fake-worker.ts';

/** True when the exchange was taken care of. */
export type Intercept = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean;

export class FakeGateway {
  readonly #server: Server;
  readonly #worker: FakeWorker;
  readonly #sockets = new Set<Socket>();
  /** Frames in the order of arrival. */
  readonly frames: Buffer[] = [];
  keyRequests = 0;
  intercept: Intercept = () => false;
  /** What a gateway in between might do to an answer. */
  alter: (answer: Uint8Array) => Uint8Array = (answer) => answer;
  sealingKeys: () => unknown;

  constructor(worker: FakeWorker, certificates: Certificates, maxVersion: SecureVersion = 'TLSv1.3') {
    this.#worker = worker;
    this.sealingKeys = () => worker.sealingKeys();
    const { cert, key } = certificates;
    this.#server = createServer({ cert, key, maxVersion }, (request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    // `closeAllConnections` knows of those only that are through with their handshake.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const isBundle = request.url === '/v1/sealed-bundle';
    if (request.url === '/v1/sealing-keys') this.keyRequests += 1;
    else this.frames.push(...(isBundle ? decodeBundle(body).map((frame) => Buffer.from(frame)) : [body]));
    if (this.intercept(request, response, body)) return;
    if (request.url === '/v1/sealing-keys') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(this.sealingKeys()));
    } else if (isBundle) {
      response.setHeader('content-type', bundleMediaType);
      await Promise.all(decodeBundle(body).map((frame, number) => this.#answerIn(response, number, frame)));
      response.end();
    } else {
      const answer = this.alter(await this.#worker.answer(body));
      response.setHeader('content-type', sealedMediaType).end(answer);
    }
  }

  async #answerIn(bundle: ServerResponse, number: number, frame: Uint8Array): Promise<void> {
    const answer = this.alter(await this.#worker.answer(frame));
    bundle.write(Buffer.concat(bundleRecord(number, answer)));
  }
}
