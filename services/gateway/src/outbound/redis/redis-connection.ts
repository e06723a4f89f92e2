import { readFileSync } from 'node:fs';
import type { TlsFiles } from '@strongroom/config';
import { StrongroomError } from '@strongroom/errors';
import { Redis, type RedisOptions } from 'ioredis';

/**
 * Every wait has a short deadline and nothing is queued while Redis is away: a rate is not worth waiting for. TLS where the
 * URL is `rediss://`, always verified. Throws `configuration-invalid` for certificates that would not be used.
 */
export function makeRedis(url: string, files: TlsFiles): Redis {
  return new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 50,
    connectTimeout: 1_000,
    enableReadyCheck: false,
    retryStrategy: (attempt) => Math.min(2_000, attempt * 100),
    ...tlsOptions(url, files),
  });
}

/** Getters, because the client copies the options for every connection: a renewed certificate needs no restart. */
function tlsOptions(url: string, { caFile, certFile, keyFile }: TlsFiles): Pick<RedisOptions, 'tls'> {
  const given = Object.entries({ ca: caFile, cert: certFile, key: keyFile });
  if (new URL(url).protocol !== 'rediss:') {
    if (given.every(([, file]) => file === undefined)) return {};
    throw new StrongroomError('configuration-invalid', {
      detail: 'certificates for Redis need a rediss:// URL',
    });
  }
  const tls: NonNullable<RedisOptions['tls']> = { rejectUnauthorized: true, minVersion: 'TLSv1.2' };
  for (const [name, file] of given) {
    if (file === undefined) continue;
    Object.defineProperty(tls, name, { get: () => readFileSync(file, 'utf8'), enumerable: true });
  }
  return { tls };
}
