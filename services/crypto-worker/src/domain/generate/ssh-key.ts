/** An Ed25519 key pair as OpenSSH stores it (openssh/openssh-portable PROTOCOL.key, RFC 8709). */
import { ed25519PublicKey } from '../secret-kind/ed25519-seed.ts';

const type = 'ssh-ed25519';
const blockBytes = 8;
const lineCharacters = 70;

export interface SshKey {
  /** PEM of the private key; whoever takes it erases it. */
  readonly privateKey: Buffer;
  /** As it goes into `authorized_keys`. */
  readonly publicKey: string;
}

/** `check`: four random octets, which OpenSSH repeats to see whether a decryption was right. */
export function sshEd25519(seed: Uint8Array, check: Uint8Array, comment = ''): SshKey {
  const publicBytes = ed25519PublicKey(seed);
  const publicBlob = Buffer.concat([text(type), string(publicBytes)]);
  const pair = Buffer.concat([seed, publicBytes]);
  const inside = Buffer.concat([check, check, text(type), string(publicBytes), string(pair), text(comment)]);
  const padding = Uint8Array.from({ length: -inside.length & (blockBytes - 1) }, (_, at) => at + 1);
  const head = Buffer.from('openssh-key-v1\0', 'latin1');
  const kdf = [text('none'), text('none'), string(new Uint8Array())];
  const whole = Buffer.concat([
    head,
    ...kdf,
    uint32(1),
    string(publicBlob),
    string(Buffer.concat([inside, padding])),
  ]);
  const lines = whole.toString('base64').match(new RegExp(`.{1,${lineCharacters}}`, 'g')) ?? [];
  const privateKey = Buffer.from(
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
  );
  for (const each of [pair, inside, whole]) each.fill(0);
  return { privateKey, publicKey: [type, publicBlob.toString('base64'), comment].filter(Boolean).join(' ') };
}

const text = (value: string): Buffer => string(Buffer.from(value, 'latin1'));
const string = (bytes: Uint8Array): Buffer => Buffer.concat([uint32(bytes.length), bytes]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
