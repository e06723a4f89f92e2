/**
 * HTTP to the gateway: frames over kept connections, TLS 1.3 only, with no authority but the pinned ones. Whatever the
 * gateway says outside of a sealed reply is a hint.
 */
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import {
  BundleReader,
  bundleMediaType,
  encodeBundle,
  frameBytesMax,
  hintedCode,
  refusalError,
  sealedMediaType,
} from '@strongroom/sealed';
import { type Dispatcher, Pool } from 'undici';
import { FrameQueue } from './frame-queue.ts';
import { LostConnection, transportFault } from './transport-fault.ts';

export interface GatewayOptions {
  readonly url: string;
  readonly ca: string | Uint8Array;
  readonly connectionsMax: number;
}

const connectTimeoutMs = 5_000;
const idleTimeoutMs = 30_000;
const problemMediaType = 'application/problem+json';

export class Gateway {
  readonly #pool: Pool;
  readonly #queue = new FrameQueue({
    one: (frame, signal) => this.#exchangeOne(frame, signal),
    many: (frames, signal, tell) => this.#exchangeMany(frames, signal, tell),
  });

  constructor({ url, ca, connectionsMax }: GatewayOptions) {
    this.#pool = new Pool(url, {
      connections: connectionsMax,
      allowH2: false,
      keepAliveTimeout: idleTimeoutMs,
      // The deadline of the call ends a request; timeouts beside it would only disagree with it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        ca: typeof ca === 'string' ? ca : Buffer.from(ca),
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        rejectUnauthorized: true,
        timeout: connectTimeoutMs,
      },
    });
  }

  /** The frame that answers. Throws a hinted code, `identity-mismatch`, `worker-unavailable` or `LostConnection`. */
  exchange(frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#queue.exchange(frame, signal);
  }

  /** Whatever JSON the gateway shows for keys; to be verified by whoever asked. */
  async sealingKeys(signal: AbortSignal): Promise<unknown> {
    const ask = () =>
      this.#request(signal, {
        method: 'GET',
        path: '/v1/sealing-keys',
        headers: { accept: 'application/json' },
      });
    // A connection that was kept may turn out to be gone; a question can simply be asked again.
    const answer = await ask().catch((fault: unknown) => {
      if (fault instanceof LostConnection) return ask();
      throw fault;
    });
    if (answer.status !== 200) throw refused(answer);
    return parseJson(answer.body);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #exchangeOne(frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const answer = await this.#request(signal, {
      method: 'POST',
      path: '/v1/sealed',
      headers: { 'content-type': sealedMediaType, accept: sealedMediaType },
      body: frame,
    });
    if (answer.status === 200 && answer.mediaType === sealedMediaType) return answer.body;
    throw refused(answer);
  }

  async #exchangeMany(
    frames: readonly Uint8Array[],
    signal: AbortSignal,
    tell: (number: number, answer: Uint8Array) => void,
  ): Promise<void> {
    await orTransportFault(signal, async () => {
      const { statusCode, headers, body } = await this.#pool.request({
        method: 'POST',
        path: '/v1/sealed-bundle',
        headers: { 'content-type': bundleMediaType, accept: bundleMediaType },
        body: encodeBundle(frames),
        signal,
      });
      const mediaType = mediaTypeOf(headers['content-type']);
      if (statusCode !== 200 || mediaType !== bundleMediaType)
        throw refused(await readAnswer(statusCode, headers, body));
      const reader = new BundleReader(frameBytesMax);
      for await (const piece of body as AsyncIterable<Uint8Array>)
        for (const { number, frame } of recordsOf(reader, piece)) tell(number, frame);
    });
    // Whoever is still without an answer lost it; to all others this says nothing any more.
    throw new LostConnection(new Error('the bundle ended'));
  }

  #request(signal: AbortSignal, request: Dispatcher.RequestOptions): Promise<Answer> {
    return orTransportFault(signal, async () => {
      const { statusCode, headers, body } = await this.#pool.request({ ...request, signal });
      return readAnswer(statusCode, headers, body);
    });
  }
}

/** Faults of ours pass; those of the connection are told by what they mean to a caller. */
async function orTransportFault<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    throw isStrongroomError(cause) ? cause : transportFault(cause);
  }
}

function recordsOf(reader: BundleReader, piece: Uint8Array) {
  try {
    return [...reader.read(piece)];
  } catch (cause) {
    throw new StrongroomError('reply-invalid', { detail: 'the answer is larger than a frame', cause });
  }
}

type ResponseBody = Awaited<ReturnType<Pool['request']>>['body'];

async function readAnswer(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: ResponseBody,
): Promise<Answer> {
  return {
    status,
    mediaType: mediaTypeOf(headers['content-type']),
    retryAfterMs: retryAfterMsOf(headers['retry-after']),
    body: await readBytes(body),
  };
}

/** Throws `reply-invalid` for more than a frame. */
async function readBytes(body: ResponseBody): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > frameBytesMax)
      throw new StrongroomError('reply-invalid', { detail: 'the answer is larger than a frame' });
    pieces.push(piece);
  }
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}

interface Answer {
  readonly status: number;
  readonly mediaType: string;
  readonly retryAfterMs: number | undefined;
  readonly body: Uint8Array;
}

/** Problem details (RFC 9457) with a code of ours, or what can be made of a proxy's error page. */
function refused({ status, mediaType, retryAfterMs, body }: Answer): StrongroomError {
  const problem = mediaType === problemMediaType ? parseJson(body) : undefined;
  const { code, detail } = (problem ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (typeof code === 'string') {
    return refusalError({
      code: hintedCode(code),
      ...(typeof detail === 'string' ? { detail } : {}),
      ...retry,
    });
  }
  const isBusy = status === 429 || status >= 500;
  return new StrongroomError(isBusy ? 'worker-unavailable' : 'reply-invalid', {
    detail: `the gateway answered with HTTP status ${status}`,
    ...retry,
  });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // Not JSON is not an answer; what it was is nobody's business.
    return undefined;
  }
}

function mediaTypeOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? (header.split(';', 1)[0] ?? '').trim().toLowerCase() : '';
}

/** Seconds (RFC 9110 section 10.2.3); our gateway sends no dates. */
function retryAfterMsOf(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,5}$/.test(header) ? Number(header) * 1_000 : undefined;
}
