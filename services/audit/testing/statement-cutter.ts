/**
 * A wire to the database that breaks when a batch comes by. `before`: the server never gets it. `after`: the server
 * carries it out, the answer is lost. `late`: the client loses its connection at once, and the server gets the batch only
 * when the test says so, as from a machine in between that was stuck.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Cut = 'before' | 'after' | 'late';

/** Name of the prepared statement; every execution binds it by its name. */
const statementName = 'commit-batch';

export class StatementCutter implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #next: Cut | undefined;
  #late: (() => Promise<void>) | undefined;

  private constructor(url: URL, server: Server, port: number) {
    this.url = url.href;
    this.#server = server;
    this.#port = port;
    server.on('connection', (client) => this.#join(client));
  }

  static async to(postgresUrl: string): Promise<StatementCutter> {
    const url = new URL(postgresUrl);
    const port = Number(url.port);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url.port = String((server.address() as AddressInfo).port);
    return new StatementCutter(url, server, port);
  }

  cutNext(cut: Cut): void {
    this.#next = cut;
  }

  /** Hands the late batch to the server; resolves when the server has answered it. */
  async release(): Promise<void> {
    await this.#late?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(this.#port, '127.0.0.1');
    let cut: Cut | undefined;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => cut !== 'late' && server.destroy());
    server.on('close', () => client.destroy());
    client.on('data', (bytes) => {
      if (bytes.includes(statementName) && this.#next !== undefined) {
        cut = this.#next;
        this.#next = undefined;
      }
      if (cut === undefined || cut === 'after') return void server.write(bytes);
      if (cut === 'late') {
        this.#late = async () => {
          server.write(bytes);
          await once(server, 'data');
        };
      }
      client.destroy();
    });
    server.on('data', (bytes) => {
      if (cut === undefined) client.write(bytes);
      else client.destroy();
    });
  }
}
