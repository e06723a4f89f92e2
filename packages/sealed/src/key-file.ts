/**
 * The key file of an operator, approver, plugin or service: one signing key and the principal that it is enrolled for.
 * Nobody but its owner may read it, and a file that others could have read is refused: its signatures prove nothing any
 * more.
 */
import type { KeyObject } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { canonicalText, decodeBytes, encodeBytes } from '@strongroom/canonical';
import { makeChecker } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import { Type } from 'typebox';
import {
  type SigningAlgorithm,
  type SigningScheme,
  schemeOfPublicKey,
  signingSchemes,
} from './signing-key.ts';

export interface KeyFile {
  readonly principal: string;
  /** Raw bytes as base64url, as enrolment and the governance root have it: 32 of Ed25519, 33 of P-256. */
  readonly publicKey: string;
  /** 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
}

/** A key that was just made: the only one that can still be written to a file. */
export interface NewKeyFile extends KeyFile {
  /** Disposed of by `writeKeyFile`. */
  readonly seed: SecretBytes;
}

const type = 'strongroom.key-file/1';
const fileBytesMax = 4_096;
/** Both PrivateKeyInfo encodings hold the 32 octets of the private key at a fixed place. */
const privateKeyOffsetInPkcs8: Readonly<Record<SigningAlgorithm, number>> = { ed25519: 16, 'ecdsa-p256': 36 };
const privateKeyBytes = 32;
const othersMask = 0o077;

const keyFile = makeChecker(
  Type.Object(
    {
      type: Type.Literal(type),
      principal: Type.String({ minLength: 1, maxLength: 200 }),
      privateKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
      publicKey: Type.String({ pattern: '^[A-Za-z0-9_-]{43,44}$' }),
    },
    { additionalProperties: false },
  ),
);

interface Fields {
  readonly principal: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

export function generateKeyFile(principal: string, algorithm: SigningAlgorithm = 'ed25519'): NewKeyFile {
  const scheme = signingSchemes[algorithm];
  const privateKey = scheme.generate();
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const offset = privateKeyOffsetInPkcs8[algorithm];
  const seed = SecretBytes.copyOf(der.subarray(offset, offset + privateKeyBytes));
  der.fill(0);
  return { ...fromPrivateKey(principal, scheme, privateKey), seed };
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
  const key = restored(path, fields);
  if (key.publicKey !== fields.publicKey) {
    throw invalid(path, 'its public key is not that of its private key');
  }
  return key;
}

function fromPrivateKey(principal: string, scheme: SigningScheme, privateKey: KeyObject): KeyFile {
  return {
    principal,
    publicKey: encodeBytes(scheme.rawPublicKey(privateKey)),
    sign: (data) => scheme.sign(privateKey, data),
  };
}

// The causes of the next two are left behind on purpose: a parser's error may quote what it read.

function restored(path: string, fields: Fields): KeyFile {
  try {
    // The length of the public key tells the algorithm; whether it is that of the private key is checked afterwards.
    const scheme = schemeOfPublicKey(decodeBytes(fields.publicKey)) ?? signingSchemes.ed25519;
    using seed = SecretBytes.adopt(decodeBytes(fields.privateKey));
    return fromPrivateKey(fields.principal, scheme, seed.use(scheme.privateKey));
  } catch {
    throw invalid(path, 'its private key is not one');
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
