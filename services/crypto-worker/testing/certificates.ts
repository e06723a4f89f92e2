/** Certificates for tests, made by openssl: a root, an issuing authority below it and a leaf, each with its key. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificates {
  readonly leafKey: string;
  readonly leaf: string;
  readonly issuer: string;
  readonly root: string;
  /** Of nobody's certificate. */
  readonly otherKey: string;
  /** A certificate for a signing request, by the issuer. */
  sign(request: string): string;
}

const authority = 'basicConstraints=critical,CA:TRUE\n';

export function makeCertificates(): TestCertificates {
  const place = mkdtempSync(join(tmpdir(), 'strongroom-certificates-'));
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: place, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const read = (name: string) => readFileSync(join(place, name), 'utf8');
  writeFileSync(join(place, 'authority.cnf'), authority);
  const newKey = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  const signRequest = (request: string, name: string, by: string, ...more: readonly string[]) =>
    openssl(
      ...['x509', '-req', '-in', request, '-days', '30', '-out', `${name}.pem`],
      ...['-CA', `${by}.pem`, '-CAkey', `${by}.key`, ...more],
    );
  for (const name of ['root', 'issuer', 'leaf', 'other']) newKey(name);
  openssl(...['req', '-x509', '-key', 'root.key', '-subj', '/CN=Root', '-days', '60', '-out', 'root.pem']);
  for (const name of ['issuer', 'leaf'])
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  signRequest('issuer.csr', 'issuer', 'root', '-extfile', 'authority.cnf');
  signRequest('leaf.csr', 'leaf', 'issuer');
  return {
    leafKey: read('leaf.key'),
    leaf: read('leaf.pem'),
    issuer: read('issuer.pem'),
    root: read('root.pem'),
    otherKey: read('other.key'),
    sign(request) {
      writeFileSync(join(place, 'asked.csr'), request);
      signRequest('asked.csr', 'asked', 'issuer', '-copy_extensions', 'copy');
      return read('asked.pem');
    },
  };
}
