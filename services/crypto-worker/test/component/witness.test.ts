import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type WitnessReply } from '@strongroom/contracts';
import {
  consistencyPath,
  emptyRoot,
  leafHash,
  openNote,
  parseCheckpoint,
  rootHash,
} from '@strongroom/merkle';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';
import { makeHsmAnchor } from '../../src/app/anchor/hsm-anchor.ts';
import { makeCertifyReceiptKey } from '../../src/app/witness/certify-receipt-key.ts';
import { makeSignCheckpoint } from '../../src/app/witness/sign-checkpoint.ts';
import { hsmLabel } from '../../src/domain/hsm-label.ts';
import { ed25519Point } from '../../src/domain/platform-key.ts';
import { Deployment } from '../../testing/deployment.ts';
import { KeyHolder } from '../../testing/key-holder.ts';

const origin = 'test';
const leaves = (count: number, salt = '') =>
  Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`${salt}${index}`)));

async function witness() {
  const deployment = await Deployment.found();
  const { hsm, clock, signed } = deployment;
  const start = () => {
    const anchor = makeHsmAnchor({ hsm });
    return {
      certify: makeCertifyReceiptKey({ root: async () => signed.root, anchor, hsm, clock }),
      sign: makeSignCheckpoint({ origin, anchor, hsm, clock }),
    };
  };
  const identity = ed25519Point(await hsm.publicKey(hsmLabel.identity));
  return { deployment, identity, start, ...start() };
}

const ask = (previous: number, tree: readonly Uint8Array[], epoch = 1) => ({
  epoch,
  previousSize: previous,
  size: tree.length,
  root: encodeBytes(tree.length === 0 ? emptyRoot : rootHash(tree)),
  proof: previous === 0 || previous === tree.length ? [] : consistencyPath(previous, tree).map(encodeBytes),
});

function checkNote(reply: WitnessReply, identity: Uint8Array, size: number): void {
  assert.ok(reply.status === 'signed', JSON.stringify(reply));
  const { statement } = reply.logKey;
  assert.ok(verifyStatement(identity, reply.logKey) && statement.type === 'strongroom.log-key/1');
  const publicKey = decodeBytes(statement.publicKey);
  const text = openNote(reply.note, origin, publicKey, (bytes, signature) =>
    ed25519Verify(publicKey, bytes, signature),
  );
  assert.equal(parseCheckpoint(text ?? '')?.size, size);
}

test('a tree is signed that extends the last one, and again when the answer was lost', async () => {
  const { identity, sign } = await witness();
  checkNote(await sign(ask(0, [])), identity, 0);
  checkNote(await sign(ask(0, leaves(5))), identity, 5);
  checkNote(await sign(ask(5, leaves(5))), identity, 5);
  checkNote(await sign(ask(5, leaves(12))), identity, 12);
});

test('who asks from another size is told the right one', async () => {
  const { sign } = await witness();
  await sign(ask(0, leaves(5)));
  assert.deepEqual(await sign(ask(0, leaves(9))), { status: 'stale', size: 5 });
  assert.deepEqual(await sign(ask(7, leaves(9))), { status: 'stale', size: 5 });
});

test('a log that was rewritten, shortened or forked is never signed, not even by a witness that was restarted', async () => {
  const { sign, start } = await witness();
  await sign(ask(0, leaves(5)));
  for (const each of [sign, start().sign]) {
    await assert.rejects(each(ask(5, leaves(5, 'other'))), { code: 'record-tampered' });
    await assert.rejects(each(ask(5, leaves(9, 'other'))), { code: 'record-tampered' });
    await assert.rejects(each({ ...ask(5, leaves(9)), proof: [] }), { code: 'record-tampered' });
    await assert.rejects(each({ ...ask(0, leaves(3)), previousSize: 5 }), { code: 'record-tampered' });
    await assert.rejects(each({ ...ask(5, leaves(9)), root: `${'A'.repeat(42)}B` }), {
      code: 'request-invalid',
    });
  }
});

test('two extensions at the same time are not both signed', async () => {
  const { sign } = await witness();
  await sign(ask(0, leaves(4)));
  const fork = [...leaves(4), ...leaves(3, 'fork')];
  const replies = await Promise.all([sign(ask(4, leaves(6))), sign(ask(4, fork))]);
  assert.deepEqual(
    replies.map(({ status }) => status),
    ['signed', 'stale'],
  );
});

test('nothing is signed that the HSM does not remember', async () => {
  const { deployment, sign, identity } = await witness();
  await sign(ask(0, leaves(2)));
  deployment.hsm.failNext('writeData', 'not-applied');
  await assert.rejects(sign(ask(2, leaves(3))));
  deployment.hsm.failNext('writeData', 'reply-lost');
  await assert.rejects(sign(ask(2, leaves(3))));
  checkNote(await sign(ask(3, leaves(3))), identity, 3);
});

test('receipt keys are certified for the audit service of the root, in rising epochs', async () => {
  const { deployment, identity, certify, start } = await witness();
  const request = (epoch: number, key: KeyHolder, signer = deployment.auditService) => {
    const { publicKey } = key;
    return {
      epoch,
      publicKey,
      signature: encodeBytes(signer.sign(digest(digestDomain.certify, { epoch, publicKey }))),
    };
  };
  const [first, second] = [new KeyHolder('app:one'), new KeyHolder('app:two')];
  const { receiptKey } = await certify(request(3, first));
  assert.ok(
    verifyStatement(identity, receiptKey) && receiptKey.statement.type === 'strongroom.receipt-key/1',
  );
  assert.deepEqual([receiptKey.statement.epoch, receiptKey.statement.publicKey], [3, first.publicKey]);
  await assert.rejects(certify(request(4, second, first)), { code: 'proof-invalid' });
  await assert.rejects(certify({ ...request(4, second), epoch: 5 }), { code: 'proof-invalid' });
  await certify(request(3, first));
  for (const each of [certify, start().certify]) {
    await assert.rejects(each(request(3, second)), { code: 'version-conflict' });
    await assert.rejects(each(request(2, first)), { code: 'version-conflict' });
  }
  await certify(request(4, second));
  await assert.rejects(certify(request(3, first)), { code: 'version-conflict' });
});

test('a writer that was fenced off gets no signature any more, not even on the tree that was signed', async () => {
  const { deployment, certify, sign, identity } = await witness();
  const { publicKey } = new KeyHolder('app:one');
  const asked = digest(digestDomain.certify, { epoch: 2, publicKey });
  const signature = encodeBytes(deployment.auditService.sign(asked));
  checkNote(await sign(ask(0, leaves(3), 1)), identity, 3);
  await certify({ epoch: 2, publicKey, signature });
  await assert.rejects(sign(ask(3, leaves(5), 1)), { code: 'version-conflict' });
  await assert.rejects(sign(ask(3, leaves(3), 1)), { code: 'version-conflict' });
  checkNote(await sign(ask(3, leaves(5), 2)), identity, 5);
});
