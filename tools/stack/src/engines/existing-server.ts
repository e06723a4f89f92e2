/** Servers that run already and that a stack uses in place of its own. */
import type { TlsFiles } from '@strongroom/config';

export interface ExistingServer {
  /** Of a user who may make the users of the services; of NATS: of nobody, its users are in its configuration. */
  readonly url: string;
  readonly tls: TlsFiles;
}

export interface ExistingServers {
  readonly postgres?: ExistingServer | undefined;
  readonly nats?: ExistingServer | undefined;
  readonly redis?: ExistingServer | undefined;
}

/** `STRONGROOM_<ENGINE>_URL`, and beside it `_CA_FILE`, `_CERT_FILE` and `_KEY_FILE` where it is reached over TLS. */
export function readExistingServers(
  environment: Readonly<Record<string, string | undefined>>,
): ExistingServers {
  const read = (engine: string): ExistingServer | undefined => {
    const of = (name: string) => environment[`STRONGROOM_${engine}_${name}`] || undefined;
    const url = of('URL');
    if (url === undefined) return undefined;
    return { url, tls: { caFile: of('CA_FILE'), certFile: of('CERT_FILE'), keyFile: of('KEY_FILE') } };
  };
  return { postgres: read('POSTGRES'), nats: read('NATS'), redis: read('REDIS') };
}

/** The settings by which a service gets the files, as `prefix` names the engine. */
export function tlsSettings(prefix: string, { caFile, certFile, keyFile }: TlsFiles): Record<string, string> {
  const settings = { CA_FILE: caFile, CERT_FILE: certFile, KEY_FILE: keyFile };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, file]) =>
      file === undefined ? [] : [[`${prefix}_${name}`, file]],
    ),
  );
}
