/**
 * Messages of the released version. Whoever changes the bytes on the wire breaks callers that are out there: they decode
 * for ever, and a new form gets a new version of the frame.
 */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { canonicalBytes, canonicalText } from '@strongroom/canonical';
import type { ReplyMessage, SessionGrant } from '@strongroom/contracts';
import { SecretBytes } from '@strongroom/secret';
import { decodeFrame, frameHead, frameKind } from '../../src/frame.ts';
import { encapsulateRequest } from '../../src/oblivious.ts';
import { openRequest } from '../../src/open-request.ts';
import { proofDigestOf } from '../../src/request-hash.ts';
import { importSealingKey, sealedProtocol } from '../../src/sealing-key.ts';
import { ClientSession } from '../../src/session.ts';
import { SessionTable } from '../../src/session-table.ts';
import { TicketBox } from '../../src/ticket.ts';
import { deterministicSuite, hex, unhex, x25519Keys } from './deterministic-suite.ts';

const golden = JSON.parse(readFileSync(new URL('./released-1.json', import.meta.url), 'utf8')) as {
  readonly nowMs: number;
  readonly epoch: number;
  readonly sealingPrivateKey: string;
  readonly sealingPublicKey: string;
  readonly ephemeralPrivateKey: string;
  readonly ticketKey: { readonly id: number; readonly key: string };
  readonly message: {
    readonly routing: {
      readonly v: 1;
      readonly pool: string;
      readonly tenant: string;
      readonly class: 'crypto';
      readonly requestId: string;
      readonly notAfter: string;
    };
    readonly operation: string;
    readonly params: Readonly<Record<string, string>>;
  };
  readonly proof: { readonly kind: 'api-key'; readonly key: string };
  readonly proofDigest: string;
  readonly reply: ReplyMessage;
  readonly sessionSecret: string;
  readonly grant: SessionGrant;
  readonly hpkeRequest: string;
  readonly hpkeReply: string;
  readonly sessionRequest: string;
  readonly sessionReply: string;
};
const { routing } = golden.message;
const opening = { ...golden.message, proof: golden.proof, openSession: true } as const;

test('a sealed request is made and opened byte by byte', async () => {
  const suite = deterministicSuite('aes-256-gcm', await x25519Keys(golden.ephemeralPrivateKey));
  const protocol = { ...sealedProtocol, suite };
  const publicKey = await suite.cipher.DeserializePublicKey(unhex(golden.sealingPublicKey));
  const sealedTo = { epoch: golden.epoch };
  const head = frameHead(frameKind.hpkeRequest, canonicalText({ ...routing, sealedTo }));
  const exchange = await encapsulateRequest(protocol, golden.epoch, publicKey, canonicalBytes(opening), head);
  assert.equal(hex(head) + hex(exchange.encapsulated), golden.hpkeRequest);
  assert.equal(hex(await exchange.exportSecret('strongroom session/1', 32)), golden.sessionSecret);
  const answer = decodeFrame(unhex(golden.hpkeReply));
  const plaintext = await exchange.openResponse(answer.body, answer.head);
  assert.equal(Buffer.from(plaintext).toString(), canonicalText(golden.reply as never));

  using secret = SecretBytes.adopt(unhex(golden.sealingPrivateKey));
  const key = await importSealingKey(golden.epoch, secret, unhex(golden.sealingPublicKey));
  const opened = await openRequest(decodeFrame(unhex(golden.hpkeRequest)), () => key);
  assert.deepEqual(opened.message, opening);
  assert.equal(
    hex(opened.sessionSecret?.use((bytes) => Uint8Array.from(bytes)) ?? unhex('')),
    golden.sessionSecret,
  );
  assert.equal(hex(proofDigestOf(opened.message)), golden.proofDigest);
});

test('a session message is made and opened byte by byte', () => {
  const session = new ClientSession(SecretBytes.adopt(unhex(golden.sessionSecret)), golden.grant);
  const sealed = session.seal(routing, golden.message);
  assert.equal(hex(sealed.frame), golden.sessionRequest);
  assert.deepEqual(sealed.openReply(unhex(golden.sessionReply)), golden.reply);

  const key = createSecretKey(unhex(golden.ticketKey.key));
  const keyring = {
    current: () => ({ id: golden.ticketKey.id, key }),
    find: (id: number) => (id === golden.ticketKey.id ? key : undefined),
  };
  const nowMs = () => golden.nowMs;
  const table = new SessionTable({ tickets: new TicketBox(keyring, nowMs), nowMs });
  const opened = table.open(decodeFrame(unhex(golden.sessionRequest)));
  assert.deepEqual(opened.message, golden.message);
  assert.deepEqual(opened.session.claims, {
    principal: 'plugin:node-1',
    proof: 'api-key',
    registrySequence: 42,
    facts: { keyId: 'abc' },
  });
});
