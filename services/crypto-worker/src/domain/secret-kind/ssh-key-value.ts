/** Private keys as OpenSSH writes them (openssh/openssh-portable PROTOCOL.key), and those in PEM that it reads too. */
import { timingSafeEqual } from 'node:crypto';
import { ed25519PublicKey } from './ed25519-seed.ts';
import { readPem } from './pem.ts';
import { isPrivateKey, readPrivateKey } from './private-key.ts';
import { SshReader } from './ssh-reader.ts';
import { type CheckValue, invalid, type ValueVerdict, valid } from './value-verdict.ts';

const magic = Buffer.from('openssh-key-v1\0');
const unreadable = invalid('the SSH key can not be read');

export const checkSshKey: CheckValue = (value) => {
  const blocks = readPem(value) ?? [];
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) return invalid('an SSH key is one private key');
  if (isPrivateKey(block)) return readPrivateKey(block) === undefined ? unreadable : valid;
  if (block.label !== 'OPENSSH PRIVATE KEY') return invalid('an SSH key is one private key, not encrypted');
  const bytes = Buffer.from(Buffer.from(block.body).toString('latin1'), 'base64');
  try {
    return checkOpenSsh(bytes);
  } finally {
    bytes.fill(0);
  }
};

function checkOpenSsh(bytes: Buffer): ValueVerdict {
  if (!bytes.subarray(0, magic.length).equals(magic)) return unreadable;
  const outer = new SshReader(bytes.subarray(magic.length));
  const [cipher, kdf] = [outer.text(), outer.text()];
  outer.string();
  const keys = outer.uint32();
  const publicKey = outer.string();
  const inside = outer.string();
  if (cipher === undefined || kdf === undefined || publicKey === undefined || inside === undefined)
    return unreadable;
  if (cipher !== 'none' || kdf !== 'none')
    return invalid('an SSH key is stored without a passphrase of its own');
  if (keys !== 1 || !outer.isAtEnd) return unreadable;
  return checkPair(publicKey, new SshReader(inside));
}

function checkPair(publicKey: Buffer, inside: SshReader): ValueVerdict {
  const [one, two] = [inside.uint32(), inside.uint32()];
  const type = inside.text();
  const announced = new SshReader(publicKey).text();
  if (one === undefined || one !== two || type === undefined || type !== announced) return unreadable;
  // Of other types the pair is not looked at: their numbers are for OpenSSH to judge.
  if (type !== 'ssh-ed25519') return valid;
  const shown = new SshReader(publicKey.subarray(4 + type.length)).string();
  const [inPrivate, pair] = [inside.string(), inside.string()];
  if (shown?.length !== 32 || inPrivate?.length !== 32 || pair?.length !== 64) return unreadable;
  const derived = ed25519PublicKey(pair.subarray(0, 32));
  const isOne = [shown, inPrivate, pair.subarray(32)].every((each) => timingSafeEqual(each, derived));
  return isOne ? valid : invalid('the halves of the SSH key do not belong together');
}
