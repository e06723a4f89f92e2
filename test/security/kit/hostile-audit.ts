/**
 * An audit service that has been taken over: it holds the bus credential and the key of the real one, so it is certified
 * as the real one would be, and then lies in a way of the test's choice.
 */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CanonicalValue,
  canonicalBytes,
  canonicalText,
  digest,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  type AppendReply,
  type AppendRequest,
  type CertifyReply,
  digestDomain,
  type EntryBody,
  type SignedStatement,
  subjects,
} from '@strongroom/contracts';
import { leafHash } from '@strongroom/merkle';
import { ed25519RawPublicKey, ed25519Sign, readKeyFile } from '@strongroom/sealed';
import type { Deployment } from './deployment.ts';

/** A certified receipt key. */
interface ReceiptKey {
  readonly epoch: number;
  readonly statement: SignedStatement;
  readonly key: KeyObject;
}

interface LieTools {
  /** Key of an epoch that is over. */
  readonly old: ReceiptKey;
  readonly current: ReceiptKey;
  /** The entry that is asked about, and one that was in the log before. */
  readonly body: EntryBody;
  readonly other: EntryBody;
  readonly answer: (body: EntryBody, by: ReceiptKey) => AppendReply;
}

/** What the liar says instead of the honest answer. */
export type Lie = (honest: AppendReply, tools: LieTools) => AppendReply;

export interface HostileAudit {
  lie: Lie | undefined;
  /** Entries that it was asked to record. */
  asked: number;
}

export async function startHostileAudit(deployment: Deployment, epoch: number): Promise<HostileAudit> {
  const bus = await deployment.bus('audit');
  const serviceKey = await readKeyFile(await findServiceKey(join(deployment.stack.info.home, 'keys')));
  const certify = async (wanted: number): Promise<ReceiptKey> => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const request = { epoch: wanted, publicKey: encodeBytes(ed25519RawPublicKey(privateKey)) };
    const signature = encodeBytes(serviceKey.sign(digest(digestDomain.certify, request)));
    const reply = await bus.request(subjects.witnessCertify, canonicalBytes({ ...request, signature }), {
      deadlineMs: 5_000,
    });
    return {
      epoch: wanted,
      key: privateKey,
      statement: (parseCanonical(reply) as unknown as CertifyReply).receiptKey,
    };
  };
  const old = await certify(epoch);
  const current = await certify(epoch + 1);
  const state: HostileAudit = { lie: undefined, asked: 0 };
  const seen: EntryBody[] = [];
  await bus.respond(subjects.auditAppend, {
    queue: 'audit',
    handler: async (bytes) => {
      const { bodies } = parseCanonical(bytes) as unknown as AppendRequest;
      state.asked += bodies.length;
      const honest = merge(bodies.map((body, position) => answerFor(body, position, current)));
      const body = bodies[0] as EntryBody;
      const other = seen[0] ?? body;
      seen.push(...bodies);
      const answer = (about: EntryBody, by: ReceiptKey) => answerFor(about, 0, by);
      const tools = { old, current, body, other, answer };
      return canonicalBytes((state.lie?.(honest, tools) ?? honest) as unknown as CanonicalValue);
    },
  });
  return state;
}

let nextIndex = 1_000_000;

function answerFor(body: EntryBody, position: number, by: ReceiptKey): AppendReply {
  const placement = { at: new Date().toISOString(), actorSeq: 1, objectSeqs: body.objects.map(() => 1) };
  const leaf = `{"body":${canonicalText(body as unknown as CanonicalValue)},"placement":${canonicalText(placement)}}`;
  nextIndex += 1;
  const index = nextIndex;
  const root = encodeBytes(leafHash(Buffer.from(leaf)));
  const promise = { epoch: by.epoch, first: index, count: 1, root };
  const signature = encodeBytes(ed25519Sign(by.key, digest(digestDomain.receipt, promise)));
  const receipts = [{ position, placement, offset: 0 }];
  return {
    receiptKey: by.statement,
    runs: [{ first: index, count: 1, signature, receipts }],
    replayed: [],
  };
}

function merge(replies: readonly AppendReply[]): AppendReply {
  const [first] = replies as [AppendReply];
  return { ...first, runs: replies.flatMap(({ runs }) => runs) };
}

async function findServiceKey(directory: string): Promise<string> {
  const name = (await readdir(directory, { recursive: true })).find((file) => file.includes('audit'));
  if (name === undefined) throw new Error('the stack has no key of the audit service');
  return join(directory, name);
}

export const flipped = (text: string): string =>
  Buffer.from(createHash('sha512').update(text).digest()).toString('base64url').slice(0, text.length);
