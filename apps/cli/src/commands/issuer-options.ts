/** How a command line says where the keys of a token issuer come from. */
import { readFile } from 'node:fs/promises';
import type { ClusterKey, KeySource } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Command } from 'commander';

export interface IssuerOptions {
  readonly jwks?: string;
  readonly discover?: true;
  readonly jwksUrl?: string;
  readonly ca?: string;
  readonly address?: readonly string[];
}

export function addIssuerOptions(command: Command): Command {
  return command
    .option(
      '--jwks <file>',
      'JSON Web Key Set of the issuer (of a cluster: kubectl get --raw /openid/v1/jwks)',
    )
    .option('--discover', 'let the workers ask the issuer for its keys, by its discovery document')
    .option('--jwks-url <url>', 'let the workers ask this URL for the keys')
    .option('--ca <file>', 'PEM of the authorities that may vouch for the host; default: the public ones')
    .option(
      '--address <ip>',
      'address that the host may have though it is not public; may be repeated',
      collect,
    );
}

export async function readIssuerKeys(
  options: IssuerOptions,
): Promise<{ keys: ClusterKey[]; keySource?: KeySource }> {
  const keys = options.jwks === undefined ? [] : await readJwks(options.jwks);
  return { keys, ...(await readSource(options)) };
}

/** Public members of a JWKS entry (RFC 7517) that the platform keeps; private ones never leave the file. */
function toClusterKey(jwk: Record<string, string>): ClusterKey {
  const kid = jwk['kid'] ?? '';
  if (jwk['kty'] === 'RSA') return { kty: 'RSA', kid, alg: 'RS256', n: jwk['n'] ?? '', e: jwk['e'] ?? '' };
  if (jwk['kty'] === 'EC' && jwk['crv'] === 'P-256') {
    return { kty: 'EC', kid, alg: 'ES256', crv: 'P-256', x: jwk['x'] ?? '', y: jwk['y'] ?? '' };
  }
  throw new StrongroomError('request-invalid', {
    detail: 'only RSA (RS256) and P-256 (ES256) keys can be registered',
  });
}

async function readJwks(path: string): Promise<ClusterKey[]> {
  try {
    const { keys } = JSON.parse(await readFile(path, 'utf8')) as { keys: Record<string, string>[] };
    return keys.map(toClusterKey);
  } catch (fault) {
    if (fault instanceof StrongroomError) throw fault;
    throw new StrongroomError('request-invalid', {
      detail: `${path} is not a JSON Web Key Set`,
      cause: fault,
    });
  }
}

const collect = (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value];

async function readSource(options: IssuerOptions): Promise<{ keySource?: KeySource }> {
  const { discover, jwksUrl, ca, address } = options;
  if (discover === undefined && jwksUrl === undefined) {
    if (ca === undefined && address === undefined) return {};
    throw new StrongroomError('request-invalid', {
      detail: '--ca and --address go with --discover or --jwks-url',
    });
  }
  return {
    keySource: {
      ...(jwksUrl === undefined ? {} : { jwksUrl }),
      ...(ca === undefined ? {} : { ca: await readFile(ca, 'utf8') }),
      ...(address === undefined ? {} : { addresses: [...address] }),
    },
  };
}
