/**
 * A wire to the database that breaks when COMMIT comes by: before the server has it, or after the server has it and
 * before the answer is through. The two moments that a client can not tell apart.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** As the simple protocol sends it; "read committed" is not it. */
const commitStatement = 'commit\0';

export type Cut = 'before-commit' | 'after-commit';

export class CommitCutter implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;
  readonly #order: { next: Cut | undefined };

  private constructor(
    url: string,
    server: Server,
    sockets: ReadonlySet<Socket>,
    order: { next: Cut | undefined },
  ) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
    this.#order = order;
  }

  static async to(postgresUrl: string): Promise<CommitCutter> {
    const target = new URL(postgresUrl);
    const sockets = new Set<Socket>();
    const order: { next: Cut | undefined } = { next: undefined };
    const server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('close', () => other.destroy());
        socket.on('error', () => other.destroy());
      }
      let cut: Cut | undefined;
      client.on('data', (bytes) => {
        if (bytes.includes(commitStatement)) {
          cut = order.next;
          order.next = undefined;
        }
        if (cut === 'before-commit') client.destroy();
        else upstream.write(bytes);
      });
      upstream.on('data', (bytes) => {
        if (cut === 'after-commit') client.destroy();
        else client.write(bytes);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(postgresUrl);
    url.port = String((server.address() as AddressInfo).port);
    return new CommitCutter(url.href, server, sockets, order);
  }

  /** The next COMMIT breaks its connection. */
  cutNext(cut: Cut): void {
    this.#order.next = cut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
