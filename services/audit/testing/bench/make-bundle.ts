/** A bundle of a whole log, as `strongroom audit export` writes it, of a deployment that is made for it. */
import { generateKeyPairSync, hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type CanonicalValue, canonicalText, digest, digestBytes, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type SignedStatement } from '@strongroom/contracts';
import { formatCheckpoint, leafHash, nodeHash, signedNote, unprovenHashes } from '@strongroom/merkle';
import { ed25519RawPublicKey, ed25519Sign, identityFingerprint, signStatement } from '@strongroom/sealed';
import { bodyAt, timeOf } from './workload.ts';

const origin = 'bench-deployment';
const validity = { notBefore: '2029-01-01T00:00:00.000Z', notAfter: '2031-01-01T00:00:00.000Z' };

export interface MadeBundle {
  readonly fingerprint: string;
  readonly bytes: number;
}

/** `size` is a power of two: its tree is complete, so every node of a path is at hand. `perMessage` entries came in each append message. */
export async function makeBundle(path: string, size: number, perMessage: number): Promise<MadeBundle> {
  const [identity, log, worker] = [newKey(), newKey(), newKey()];
  const stated = (statement: SignedStatement['statement']) =>
    signStatement(statement, (bytes) => ed25519Sign(identity.key, bytes));
  const workerStatement = stated({
    type: 'strongroom.worker-key/1',
    worker: 'worker-1',
    pool: 'default',
    publicKey: encodeBytes(worker.raw),
    ...validity,
  });
  const placed = new Map<string, number>();
  const next = (subject: string) => {
    const number = (placed.get(subject) ?? 0) + 1;
    placed.set(subject, number);
    return number;
  };
  const entries = Array.from({ length: size }, (_, index) => {
    const body = bodyAt(index);
    const objectSeqs = body.objects.map(({ kind, group, name }) => next(`${kind} ${group}/${name}`));
    return { body, placement: { actorSeq: next(`actor ${body.actor.id}`), at: timeOf(index), objectSeqs } };
  });
  const levels = levelsOf(entries.map((entry) => leafHash(Buffer.from(textOf(entry)))));
  const note = formatCheckpoint({ origin, size, root: levels.at(-1)?.[0] as Uint8Array });
  const manifest = {
    type: 'strongroom.audit-bundle/1',
    identity: encodeBytes(identity.raw),
    checkpoint: signedNote(note, origin, log.raw, ed25519Sign(log.key, Buffer.from(note))),
    logKey: stated({
      type: 'strongroom.log-key/1',
      origin,
      publicKey: encodeBytes(log.raw),
      notBefore: validity.notBefore,
    }),
    filter: {},
  };
  const file = createWriteStream(path);
  let bytes = 0;
  const write = async (value: object) => {
    const line = `${textOf(value)}\n`;
    bytes += line.length;
    if (!file.write(line)) await once(file, 'drain');
  };
  await write({
    hash: encodeBytes(digest('strongroom/audit-bundle-manifest/1', manifest as CanonicalValue)),
    manifest,
  });
  for (const [index, entry] of entries.entries()) {
    const offset = index % perMessage;
    const id = index - offset;
    if (offset === 0) {
      const hashes = entries
        .slice(id, id + perMessage)
        .map(({ body }) => hash('sha256', textOf(body), 'buffer'));
      const signature = encodeBytes(ed25519Sign(worker.key, digestBytes(digestDomain.append, ...hashes)));
      await write({
        append: { id, worker: workerStatement, bodyHashes: hashes.map(encodeBytes), signature },
      });
    }
    const shown = unprovenHashes(index, size, index === 0 ? undefined : index - 1);
    const proof = Array.from({ length: shown }, (_, height) => encodeBytes(siblingAt(levels, height, index)));
    await write({ entry: { append: id, entry, index, offset, proof } });
  }
  file.end(`${textOf({ end: { entries: size } })}\n`);
  await once(file, 'close');
  return { fingerprint: identityFingerprint(identity.raw), bytes };
}

const textOf = (value: object): string => canonicalText(value as CanonicalValue);

function newKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: privateKey, raw: ed25519RawPublicKey(privateKey) };
}

function levelsOf(leaves: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) {
    const below = level;
    level = Array.from({ length: below.length / 2 }, (_, at) =>
      nodeHash(below[at * 2] as Uint8Array, below[at * 2 + 1] as Uint8Array),
    );
  }
  return levels;
}

function siblingAt(levels: readonly (readonly Uint8Array[])[], height: number, index: number): Uint8Array {
  const place = Math.floor(index / 2 ** height);
  return levels[height]?.[place % 2 === 0 ? place + 1 : place - 1] as Uint8Array;
}
