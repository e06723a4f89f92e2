/**
 * A certificate authority of the stack's own, and the gateway's certificate for this machine. Made with the openssl
 * program: Node.js makes no certificates, and a library for two of them would be one more to trust. No setting of the
 * system's is used, and the authority's key signs nothing else.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../process/managed-process.ts';

const daysMax = 397;
const renewBeforeMs = 30 * 24 * 3_600_000;

/** Answers for both requests, so that openssl asks nothing and reads no file of the system. */
const config = `[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[gateway]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:0:0:0:0:0:0:0:1
authorityKeyIdentifier = keyid
`;

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes them the first time, and the gateway's anew before it expires. The authority stays, since callers trust it. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const made = { caFile: file('ca.pem'), certFile: file('gateway.pem'), keyFile: file('gateway.key') };
  if (await isInForce(made.certFile)) return made;
  await writeFile(file('openssl.cnf'), config, { mode: 0o600 });
  const openssl = (...args: string[]) => runToEnd('openssl', { command: 'openssl', args });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  if (!existsSync(made.caFile)) {
    await openssl(
      ...['req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem.new'), '-days', '3650'],
      ...[
        '-config',
        file('openssl.cnf'),
        '-extensions',
        'authority',
        '-subj',
        '/CN=Strongroom local authority',
      ],
    );
    await rename(file('ca.pem.new'), made.caFile);
  }
  await openssl(
    ...['req', '-new', ...key, '-keyout', made.keyFile, '-out', file('gateway.csr')],
    ...['-config', file('openssl.cnf'), '-subj', '/CN=localhost'],
  );
  await openssl(
    ...['x509', '-req', '-in', file('gateway.csr'), '-CA', made.caFile, '-CAkey', file('ca.key')],
    ...['-CAcreateserial', '-days', String(daysMax), '-out', `${made.certFile}.new`],
    ...['-extfile', file('openssl.cnf'), '-extensions', 'gateway'],
  );
  await rm(file('gateway.csr'));
  await rename(`${made.certFile}.new`, made.certFile);
  return made;
}

async function isInForce(certFile: string): Promise<boolean> {
  if (!existsSync(certFile)) return false;
  const { validTo } = new X509Certificate(await readFile(certFile));
  return Date.parse(validTo) - Date.now() > renewBeforeMs;
}
