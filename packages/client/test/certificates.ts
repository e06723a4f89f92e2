/** Certificates for a gateway on this machine, each test file with an authority of its own. Made by the openssl program. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const run = promisify(execFile);
const settingsFor = (names: string) => `[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[authority]
basicConstraints = critical, CA:TRUE
[gateway]
basicConstraints = critical, CA:FALSE
subjectAltName = ${names}
`;

export async function makeCertificates(names = 'DNS:localhost, IP:127.0.0.1'): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'strongroom-client-'));
  const file = (name: string) => join(directory, name);
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const settings = ['-config', file('openssl.cnf')];
  try {
    await writeFile(file('openssl.cnf'), settingsFor(names));
    const authority = ['-extensions', 'authority', '-keyout', file('ca.key'), '-out', file('ca.pem')];
    await run('openssl', ['req', '-x509', ...fresh, ...settings, ...authority]);
    const gateway = ['-extensions', 'gateway', '-keyout', file('gateway.key'), '-out', file('gateway.pem')];
    const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key')];
    await run('openssl', ['req', '-x509', ...fresh, ...settings, ...gateway, ...issuer]);
    const [ca, cert, key] = await Promise.all(
      ['ca.pem', 'gateway.pem', 'gateway.key'].map((name) => readFile(file(name), 'utf8')),
    );
    return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  } finally {
    await rm(directory, { recursive: true });
  }
}
