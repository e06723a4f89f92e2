import { join } from 'node:path';
import { runProgram } from './server-process.ts';

/** Paths of PEM files. */
export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** For a server on the loopback interface, or a client of this name; it is its own authority. */
export async function makeCertificate(directory: string, name: string): Promise<TestCertificate> {
  const made = { certFile: join(directory, `${name}.pem`), keyFile: join(directory, `${name}.key`) };
  await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', made.keyFile, '-out', made.certFile],
  ]);
  return made;
}

/** How a test server speaks TLS; with an authority it asks clients for a certificate from it. */
export interface TestTls extends TestCertificate {
  readonly clientCaFile?: string;
}
