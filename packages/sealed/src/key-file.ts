/**
 * The key file of an operator, approver, plugin or service: one Ed25519 key and the principal that it is enrolled for.
 * Nobody but its owner may read it, and a file that others could have read is refused: its signatures prove nothing any
 * more.
 */
import { generateKeyPairSync } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { canonicalText, decodeBytes, encodeBytes } from '@strongroom/canonical';
import { makeChecker } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import { Type } from 'typebox';
import { ed25519PrivateKey, ed25519RawPublicKey, ed25519Sign } from './ed25519.ts';

export interface KeyFile {
  readonly principal: string;
  /** 32 raw bytes as base64url, as enrolment and the governance root have it. */
  readonly publicKey: string;
  /** Ed25519 signature, 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
}

/** A key that was just made: the only one that can still be written to a file. */
export interface NewKeyFile extends KeyFile {
  /** Disposed of by `writeKeyFile`. */
  readonly seed: SecretBytes;
}

const type = 'strongroom.key-file/1';
const fileBytesMax = 4_096;
const seedOffsetInPkcs8 = 16;
const othersMask = 0o077;

const keyFile = makeChecker(
  Type.Object(
    {
      type: Type.Literal(type),
      principal: Type.String({ minLength: 1, maxLength: 200 }),
      privateKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
      publicKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    },
    { additionalProperties: false },
  ),
);

export function generateKeyFile(principal: string): NewKeyFile {
  const der = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  const seed = SecretBytes.copyOf(der.subarray(seedOffsetInPkcs8));
  der.fill(0);
  return { ...fromSeed(principal, seed), seed };
}

/** Never overwrites: a lost key can not be enrolled again. Throws `configuration-invalid`. */
export async function writeKeyFile(path: string, key: NewKeyFile): Promise<void> {
  const { principal, publicKey } = key;
  const text = key.seed.use((bytes) =>
    canonicalText({ type, principal, privateKey: encodeBytes(bytes), publicKey }),
  );
  const handle = await opened(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  key.seed.dispose();
}

/** Throws `configuration-invalid`, naming the file and the rule. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const handle = await opened(path, constants.O_RDONLY);
  try {
    const { mode, size } = await handle.stat();
    if ((mode & othersMask) !== 0) throw invalid(path, 'others may read it; its mode must be 0600');
    if (size > fileBytesMax) throw invalid(path, 'it is too large to be a key file');
    return parseKeyFile(path, await handle.readFile('utf8'));
  } finally {
    await handle.close();
  }
}

function parseKeyFile(path: string, text: string): KeyFile {
  const fields = parsed(path, text);
  if (!keyFile.check(fields)) throw invalid(path, 'it is not a key file');
  const key = seeded(path, fields.principal, fields.privateKey);
  if (key.publicKey !== fields.publicKey) {
    throw invalid(path, 'its public key is not that of its private key');
  }
  return key;
}

function fromSeed(principal: string, seed: SecretBytes): KeyFile {
  const privateKey = seed.use(ed25519PrivateKey);
  return {
    principal,
    publicKey: encodeBytes(ed25519RawPublicKey(privateKey)),
    sign: (data) => ed25519Sign(privateKey, data),
  };
}

// The causes of the next two are left behind on purpose: a parser's error may quote what it read.

function seeded(path: string, principal: string, text: string): KeyFile {
  try {
    using seed = SecretBytes.adopt(decodeBytes(text));
    return fromSeed(principal, seed);
  } catch {
    throw invalid(path, 'its private key is not an Ed25519 seed');
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(path, 'it is not JSON');
  }
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600);
  } catch (cause) {
    throw new StrongroomError('configuration-invalid', {
      detail: `key file ${path} can not be opened`,
      cause,
    });
  }
}

function invalid(path: string, rule: string): StrongroomError {
  return new StrongroomError('configuration-invalid', { detail: `key file ${path}: ${rule}` });
}
