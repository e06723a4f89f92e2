/**
 * Asks an issuer for its keys over TLS, and believes the host because TLS says so: nobody between has a say. What the host
 * and its name server can do to the worker is bounded: no redirects, no connection to an address that is not public unless
 * the registration names it, one connection to the very address that was checked, 64 KiB, 3 s for everything.
 */
import { isIP } from 'node:net';
import type { ClusterKey, KeySource } from '@strongroom/contracts';
import { answerLookup, checkedAddress, type Resolve, resolveHost } from '@strongroom/egress';
import { StrongroomError } from '@strongroom/errors';
import { Client } from 'undici';
import { readKeySet } from '../../domain/cluster-key.ts';
import { discoveryUrl, keySetUrl } from '../../domain/key-source.ts';
import type { IssuerKeys } from '../../ports/issuer-keys.ts';

const totalMsMax = 3_000;
const bodyBytesMax = 65_536;
const mediaTypes = /^application\/([a-z.-]+\+)?json\s*(;|$)/i;

export class HttpsIssuerKeys implements IssuerKeys {
  readonly #resolve: Resolve;
  readonly #msMax: number;

  constructor({ resolve = resolveHost, msMax = totalMsMax }: { resolve?: Resolve; msMax?: number } = {}) {
    this.#resolve = resolve;
    this.#msMax = msMax;
  }

  async fetch(issuer: string, source: KeySource): Promise<readonly ClusterKey[]> {
    const signal = AbortSignal.timeout(this.#msMax);
    try {
      const url = source.jwksUrl ?? (await this.#discover(issuer, source, signal));
      const verdict = readKeySet(await this.#read(url, source, signal));
      if (verdict.status === 'refused') throw new TypeError(verdict.reason);
      return verdict.keys;
    } catch (cause) {
      throw new StrongroomError('issuer-unavailable', { cause });
    }
  }

  async #discover(issuer: string, source: KeySource, signal: AbortSignal): Promise<string> {
    const url = discoveryUrl(issuer);
    const found = url && keySetUrl(issuer, await this.#read(url, source, signal));
    if (!found) throw new TypeError('the discovery document is not of this issuer or leads to another host');
    return found;
  }

  async #read(text: string, source: KeySource, signal: AbortSignal): Promise<unknown> {
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const address = await until(signal, checkedAddress(host, source.addresses ?? [], this.#resolve));
    const client = new Client(url.origin, {
      allowH2: false,
      pipelining: 0,
      maxHeaderSize: 16_384,
      maxResponseSize: bodyBytesMax,
      connect: {
        ...(source.ca === undefined ? {} : { ca: source.ca }),
        ...(isIP(host) === 0 ? { servername: host } : {}),
        // The address that was checked, whatever the name server says a moment later.
        lookup: (_host, options, done) => answerLookup(address, options, done),
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        timeout: this.#msMax,
      },
    });
    try {
      const { statusCode, headers, body } = await client.request({
        method: 'GET',
        path: `${url.pathname}${url.search}`,
        headers: { accept: 'application/json, application/jwk-set+json' },
        signal,
      });
      if (statusCode !== 200) throw new TypeError(`the host answered with status ${statusCode}`);
      if (!mediaTypes.test(String(headers['content-type']))) throw new TypeError('the answer is not JSON');
      return await until(signal, body.json());
    } finally {
      await client.destroy();
    }
  }
}

/** Rejects when the time is over, whatever becomes of the work. */
function until<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
