/** `POST /add-checkpoint` over HTTP, with bounds: whoever reaches the port may ask. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Component, HttpListener } from '@strongroom/lifecycle';
import type { Answer, makeAddCheckpoint } from '../app/add-checkpoint.ts';

export interface WitnessServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly addCheckpoint: ReturnType<typeof makeAddCheckpoint>;
  /** After each answer; must not throw. */
  readonly onAnswer: (answer: Answer) => void;
  readonly onFault: (fault: unknown) => void;
}

/** 63 lines of a proof and a note with its signatures fit several times. */
const bodyBytesMax = 16_384;
const connectionsMax = 32;

export class WitnessServer extends HttpListener implements Component {
  readonly name = 'witness';
  readonly #options: WitnessServerOptions;

  constructor(options: WitnessServerOptions) {
    const { host, port } = options;
    super({ host, port, connectionsMax, answer: (...both) => void this.#answer(...both) });
    this.#options = options;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { addCheckpoint, onAnswer, onFault } = this.#options;
    if (request.url !== '/add-checkpoint') return send(response, 404, 'not found\n');
    if (request.method !== 'POST') return send(response, 405, 'POST\n');
    try {
      const body = await bodyOf(request);
      if (body === undefined) return send(response, 413, 'too large\n');
      const answer = await addCheckpoint(body);
      onAnswer(answer);
      if (answer.status === 200) send(response, 200, answer.cosignature);
      else if ('size' in answer) send(response, 409, `${answer.size}\n`, 'text/x.tlog.size');
      else send(response, answer.status, `${answer.reason}\n`);
    } catch (fault) {
      onFault(fault);
      send(response, 500, 'failed\n');
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  const headers = { 'content-type': type, 'cache-control': 'no-store', connection: 'close' };
  response.writeHead(status, headers).end(body);
}
