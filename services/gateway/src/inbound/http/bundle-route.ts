/**
 * `POST /v1/sealed-bundle`: many envelopes in one exchange. Each takes the way of a single one and is answered when its
 * answer is there; what can not be carried is answered by a refusal in its place.
 */
import { Readable } from 'node:stream';
import { StrongroomError, toStrongroomError } from '@strongroom/errors';
import {
  bundleBytesMax,
  bundleMediaType,
  bundleRecord,
  decodeBundle,
  encodeRefusal,
  readRoutingHeader,
} from '@strongroom/sealed';
import type { FastifyInstance } from 'fastify';
import type { SealedRouteOptions } from './sealed-route.ts';

export type BundleRouteOptions = Pick<SealedRouteOptions, 'checkRate' | 'routeEnvelope'>;

export async function bundleRoute(server: FastifyInstance, options: BundleRouteOptions): Promise<void> {
  const { checkRate, routeEnvelope } = options;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    bundleMediaType,
    { parseAs: 'buffer', bodyLimit: bundleBytesMax },
    (_request, body, done) => done(null, body),
  );

  server.post('/v1/sealed-bundle', { bodyLimit: bundleBytesMax }, async (request, reply) => {
    if (!(request.body instanceof Uint8Array)) throw new StrongroomError('media-type-unsupported');
    const frames = decodeBundle(request.body);
    checkRate(request.ip, frames.length);
    const answers = new AnswerStream(frames.length);
    for (const [number, frame] of frames.entries())
      void answerTo(frame).then((answer) => answers.add(number, answer));
    return reply.type(bundleMediaType).send(answers);
  });

  async function answerTo(frame: Uint8Array): Promise<Uint8Array> {
    let requestId: string | undefined;
    try {
      const routing = readRoutingHeader(frame);
      requestId = routing.requestId;
      return await routeEnvelope(routing, frame);
    } catch (fault) {
      return encodeRefusal(toStrongroomError(fault), requestId === undefined ? {} : { requestId });
    }
  }
}

/** Sends the answers of one turn of the event loop together, and ends with the last one. */
class AnswerStream extends Readable {
  #left: number;
  #gathered: Uint8Array[] = [];

  constructor(answers: number) {
    super();
    this.#left = answers;
  }

  override _read(): void {
    // Answers come when they come, and all of a bundle fit into memory: there is nothing to pull.
  }

  add(number: number, answer: Uint8Array): void {
    if (this.#gathered.length === 0) setImmediate(() => this.#send());
    this.#gathered.push(...bundleRecord(number, answer));
    this.#left -= 1;
  }

  #send(): void {
    // The caller may have left meanwhile; what it asked for is done and in the log all the same.
    if (this.destroyed) return;
    this.push(Buffer.concat(this.#gathered));
    this.#gathered = [];
    if (this.#left === 0) this.push(null);
  }
}
