/**
 * Whether a connection is encrypted is said by the URL alone: `?sslmode=verify-full`, or nothing. What lies between, an
 * encrypted connection to a server that nobody has verified, is refused: it only looks as if it were safe.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { StrongroomError } from '@strongroom/errors';

/** Paths of PEM files, read again at every connection. */
export interface DatabaseTls {
  /** Without it the authorities of Node.js count. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface ConnectionTarget {
  /** Without the parameters that say how it is encrypted: the driver would read them in its own way. */
  readonly connectionString: string;
  readonly ssl: ConnectionOptions | false;
}

/** Throws `configuration-invalid` for anything but verified TLS or none. */
export function connectionTarget(url: string, tls: DatabaseTls = {}): ConnectionTarget {
  const parsed = new URL(url);
  const mode = parsed.searchParams.get('sslmode') ?? 'disable';
  parsed.searchParams.delete('sslmode');
  const foreign = [...parsed.searchParams.keys()].find((name) => /^(ssl|uselibpqcompat)/.test(name));
  if (foreign !== undefined) throw invalid(`${foreign} in the URL: certificates have settings of their own`);
  const connectionString = parsed.href;
  if (mode === 'verify-full') return { connectionString, ssl: verified(tls) };
  if (mode !== 'disable') throw invalid('sslmode is verify-full, or disable');
  if (Object.values(tls).some((file) => file !== undefined))
    throw invalid('certificates for the database need ?sslmode=verify-full in its URL');
  return { connectionString, ssl: false };
}

/** Getters, because the driver copies the options for every connection: a renewed certificate needs no restart. */
function verified({ caFile, certFile, keyFile }: DatabaseTls): ConnectionOptions {
  const read = (file: string) => readFileSync(file, 'utf8');
  const options: ConnectionOptions = { rejectUnauthorized: true, minVersion: 'TLSv1.2' };
  for (const [name, file] of Object.entries({ ca: caFile, cert: certFile, key: keyFile })) {
    if (file === undefined) continue;
    Object.defineProperty(options, name, { get: () => read(file), enumerable: true, configurable: true });
  }
  return options;
}

const invalid = (detail: string) => new StrongroomError('configuration-invalid', { detail });
