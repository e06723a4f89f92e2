/**
 * How a process reaches the engines: the same settings under the same names in every service. The URL says whether there
 * is TLS (`tls://`, `rediss://`, `?sslmode=verify-full`), the files say whom to trust and who we are; they are read again
 * at every connection, so that a renewed certificate needs no restart.
 */
import { StrongroomError } from '@strongroom/errors';
import { readablePath, secretFile, url } from './settings.ts';

/** Paths of PEM files. Without an authority those of Node.js count. */
export interface TlsFiles {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

const authority = (engine: string) =>
  readablePath({ summary: `authority that ${engine}'s certificate has to come from, PEM`, optional: true });
const certificate = (engine: string) =>
  readablePath({ summary: `certificate to show to ${engine}, PEM`, optional: true });
const key = (engine: string) =>
  readablePath({ summary: `key of the certificate to show to ${engine}, PEM`, optional: true });

export const busSettings = {
  natsUrl: url({ summary: 'bus', schemes: ['nats', 'tls'] }),
  natsSeedFile: secretFile({ summary: 'nkey seed of this service' }),
  natsCaFile: authority('the bus'),
  natsCertFile: certificate('the bus'),
  natsKeyFile: key('the bus'),
};

export const databaseSettings = {
  databaseUrlFile: secretFile({ summary: 'postgres:// URL with credentials' }),
  databaseCaFile: authority('the database'),
  databaseCertFile: certificate('the database'),
  databaseKeyFile: key('the database'),
};

export const redisSettings = {
  redisUrlFile: secretFile({ summary: 'redis:// or rediss:// URL with credentials' }),
  redisCaFile: authority('Redis'),
  redisCertFile: certificate('Redis'),
  redisKeyFile: key('Redis'),
};

/** Throws `configuration-invalid` for half of a certificate. */
export function tlsFiles(
  engine: string,
  caFile: string | undefined,
  certFile: string | undefined,
  keyFile: string | undefined,
): TlsFiles {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new StrongroomError('configuration-invalid', {
      detail: `${engine}: a certificate and its key go together`,
    });
  }
  return { caFile, certFile, keyFile };
}
