import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { connect, nkeyAuthenticator, PermissionViolationError } from '@nats-io/transport-node';
import { canonicalBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import { newRequestId, type OperationMessage, type Proof, subjects } from '@strongroom/contracts';
import {
  decodeFrame,
  decodeRefusal,
  frameKind,
  generateKeyFile,
  proofDigestOf,
  sealRequest,
  verifySealingKeys,
} from '@strongroom/sealed';
import { eventually, kms, seed, startDeployment } from './kit/deployment.ts';

const deadlineMs = 3_000;

test("I3: with the gateway's own credential on the bus, nothing is carried out that a caller did not prove", async (context) => {
  const deployment = await startDeployment(context);
  const { stack, log } = deployment;
  const bus = await deployment.bus('gateway');
  const answer = parseCanonical(
    await bus.request(subjects.sealingKeys('default'), new Uint8Array(), { deadlineMs }),
  );
  const { identityFingerprint } = stack.info;
  const key = verifySealingKeys(
    answer,
    { identityFingerprint, tenant: 'default', pool: 'default' },
    Date.now(),
  );

  const send = (frame: Uint8Array) =>
    bus.request(subjects.operation('crypto', 'default'), frame, { deadlineMs });
  const makeMessage = (): Omit<OperationMessage, 'proof'> => ({
    routing: {
      v: 1,
      pool: 'default',
      tenant: 'default',
      class: 'crypto',
      requestId: newRequestId(),
      notAfter: new Date(Date.now() + deadlineMs).toISOString(),
    },
    operation: 'kms.wrap',
    params: { ...kms, plaintext: seed() },
  });
  const attempt = async (prove: (message: Omit<OperationMessage, 'proof'>) => Proof | undefined) => {
    const message = makeMessage();
    const proof = prove(message);
    const sealed = await sealRequest({
      key,
      routing: message.routing,
      message: proof === undefined ? message : { ...message, proof },
    });
    const frame = await send(sealed.frame);
    if (decodeFrame(frame).kind === frameKind.refusal) return decodeRefusal(decodeFrame(frame)).code;
    const reply = await sealed.openReply(frame);
    return reply.status === 'refused' ? reply.error.code : reply.status;
  };
  const signedBy =
    (file: ReturnType<typeof generateKeyFile>, principal = file.principal) =>
    (message: Omit<OperationMessage, 'proof'>): Proof => ({
      kind: 'key',
      principal,
      signature: encodeBytes(file.sign(proofDigestOf(message))),
    });

  await context.test(
    'garbage, no proof, a stranger, a stolen name and a token of no cluster are refused',
    async () => {
      const refusal = decodeFrame(await send(Buffer.from('not a frame')));
      assert.equal(decodeRefusal(refusal).code, 'message-malformed');
      assert.equal(await attempt(() => undefined), 'proof-missing');
      assert.equal(await attempt(signedBy(generateKeyFile('app:stranger'))), 'proof-invalid');
      assert.equal(await attempt(signedBy(generateKeyFile('app:eve'), 'app:shop')), 'proof-invalid');
      assert.equal(
        await attempt(() => ({ kind: 'api-key', key: `sr_${'a'.repeat(22)}_${'b'.repeat(43)}` })),
        'proof-invalid',
      );
      const token = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`;
      assert.equal(await attempt(() => ({ kind: 'workload-jwt', cluster: 'none', token })), 'proof-invalid');
    },
  );

  await context.test('a proof for one operation is none for another', async () => {
    const other = makeMessage();
    const proof = signedBy(deployment.appKey)(other);
    assert.equal(await attempt(() => proof), 'proof-invalid');
  });

  await context.test('a captured message is not carried out twice', async () => {
    const message = makeMessage();
    const proof = signedBy(deployment.appKey)(message);
    const sealed = await sealRequest({ key, routing: message.routing, message: { ...message, proof } });
    assert.equal((await sealed.openReply(await send(sealed.frame))).status, 'done');
    for (let replayed = 0; replayed < 4; replayed += 1) {
      const reply = await sealed.openReply(await send(sealed.frame));
      assert.equal(reply.status === 'refused' && reply.error.code, 'request-replayed');
    }
  });

  await context.test('the credential opens no other subject', async () => {
    // As an attacker would: with the plain client, which does not know the endpoints of ours.
    const credential = new TextEncoder().encode(
      (await readFile(stack.info.natsSeedFiles['gateway'] ?? '', 'utf8')).trim(),
    );
    const raw = await connect({ servers: stack.info.natsUrl, authenticator: nkeyAuthenticator(credential) });
    const refused: string[] = [];
    const watching = (async () => {
      for await (const status of raw.status()) {
        if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
        refused.push(`${status.error.operation} ${status.error.subject}`);
      }
    })();
    const published = [
      subjects.auditAppend,
      subjects.auditExport,
      subjects.approvalsVote,
      subjects.execute('default'),
      subjects.witnessCertify,
      subjects.witnessCheckpoint,
      subjects.event('key.version.created'),
      '$JS.API.STREAM.PURGE.SR_EVENTS',
      '$SYS.REQ.SERVER.PING',
      '_INBOX_crypto-worker.x',
    ];
    const subscribed = [
      subjects.operation('crypto', 'default'),
      '>',
      'sr.v1.>',
      '_INBOX_crypto-worker.>',
      '$SYS.>',
    ];
    for (const subject of published) raw.publish(subject, canonicalBytes({}));
    let heard = 0;
    // The server's refusal reaches the callback as well, as a fault.
    const callback = (fault: Error | null) => {
      if (fault === null) heard += 1;
    };
    for (const subject of subscribed) raw.subscribe(subject, { callback });
    await raw.flush();
    await eventually('every refusal of the server', 5_000, async () =>
      refused.length >= published.length + subscribed.length ? true : undefined,
    );
    const expected = [
      ...published.map((one) => `publish ${one}`),
      ...subscribed.map((one) => `subscription ${one}`),
    ];
    assert.deepEqual(refused.toSorted(), expected.toSorted());
    assert.equal(heard, 0);
    await raw.close();
    await watching;
  });

  await context.test('every refusal that somebody could be named for is in the log', async () => {
    const refused = await log({ operation: 'kms.wrap', outcome: 'refused' });
    const codes = new Set(refused.map(({ code }) => code));
    for (const code of ['proof-missing', 'proof-invalid']) assert.ok(codes.has(code), code);
    const done = await log({ operation: 'kms.wrap', outcome: 'done' });
    assert.ok(done.every(({ actor }) => actor.id === 'app:shop'));
  });
});
