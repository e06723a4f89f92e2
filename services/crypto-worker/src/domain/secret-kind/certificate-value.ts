/**
 * A certificate is a PEM bundle of its private key, the leaf, and the chain above it in order (RFC 8446 section 4.4.2). What
 * a server could not serve is refused here and not at its next restart: a key of another certificate, a chain with a gap.
 */
import { X509Certificate } from 'node:crypto';
import { type PemBlock, readPem } from './pem.ts';
import { isPrivateKey, readPrivateKey } from './private-key.ts';
import { type CheckValue, invalid, type ValueVerdict } from './value-verdict.ts';

export const checkCertificate: CheckValue = (value, nowMs) => {
  const blocks = readPem(value) ?? [];
  const [keyBlock, ...otherKeys] = blocks.filter(isPrivateKey);
  const chain = readChain(blocks.filter((block) => !isPrivateKey(block)));
  if (keyBlock === undefined || otherKeys.length > 0)
    return invalid('a certificate comes with exactly one private key in PEM, not encrypted');
  if (chain === undefined) return invalid('the certificates can not be read');
  const [leaf] = chain;
  if (leaf === undefined) return invalid('there is no certificate');
  const key = readPrivateKey(keyBlock);
  if (key === undefined) return invalid('the private key can not be read');
  if (!leaf.checkPrivateKey(key)) return invalid('the private key is not that of the first certificate');
  return checkChain(chain, nowMs);
};

function checkChain(chain: readonly X509Certificate[], nowMs: number): ValueVerdict {
  for (const [at, issuer] of chain.slice(1).entries()) {
    const subject = chain[at] as X509Certificate;
    if (!issuer.ca || !subject.checkIssued(issuer) || !subject.verify(issuer.publicKey))
      return invalid('each certificate of the chain must be issued by the next');
  }
  // The chain is worth what its weakest part is: an issuer that ends first ends the leaf.
  const endMs = Math.min(...chain.map(({ validToDate }) => validToDate.getTime()));
  if (!(endMs > nowMs)) return invalid('the certificate, or one above it, is past its validity');
  return { status: 'valid', expiresAt: new Date(endMs).toISOString() };
}

function readChain(blocks: readonly PemBlock[]): readonly X509Certificate[] | undefined {
  try {
    return blocks.map(({ label, pem }) => {
      if (label !== 'CERTIFICATE') throw new TypeError('another block');
      return new X509Certificate(pem);
    });
  } catch {
    return undefined;
  }
}
