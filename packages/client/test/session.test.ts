import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify, encodeRefusal, proofDigestOf } from '@strongroom/sealed';
import { alice, coded, countdown, deploy, read, write } from './deployment.ts';
import { FakeWorker } from './fake-worker.ts';

const sealedHow = (arrivals: readonly { readonly sealed: string }[]) => arrivals.map(({ sealed }) => sealed);

test('the first call proves who asks and opens a session, the next ones go in it', async (t) => {
  const { client, worker, gateway } = await deploy(t);
  for (let call = 0; call < 3; call += 1) {
    const answer = await client.call('secret.read', read);
    assert.ok(answer.status === 'done');
    assert.equal(answer.result.value, 'aGVsbG8');
    assert.equal(answer.entry, 7);
  }
  assert.deepEqual(sealedHow(worker.arrivals), ['to-key', 'in-session', 'in-session']);
  assert.equal(gateway.keyRequests, 1);
  const [first, second] = worker.arrivals.map(({ message }) => message);
  assert.ok(first?.proof?.kind === 'key' && first.openSession === true);
  const { proof, ...signed } = first;
  assert.ok(ed25519Verify(decodeBytes(alice.publicKey), proofDigestOf(signed), decodeBytes(proof.signature)));
  assert.ok(second?.proof === undefined && second?.openSession === undefined);
});

test('calls that come together share one fetch of the keys and one opening', async (t) => {
  const { client, worker, gateway } = await deploy(t);
  await Promise.all(Array.from({ length: 64 }, () => client.call('secret.read', read)));
  assert.equal(worker.arrivals.filter(({ sealed }) => sealed === 'to-key').length, 1);
  assert.equal(gateway.keyRequests, 1);
  assert.equal(new Set(worker.arrivals.map(({ message }) => message.routing.requestId)).size, 64);
});

test('calls that waited for a session that was not granted go without one', async (t) => {
  const { client, worker } = await deploy(t);
  worker.grantsSessions = false;
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.call('secret.read', read)));
  assert.ok(answers.every(({ status }) => status === 'done'));
  assert.deepEqual(new Set(sealedHow(worker.arrivals)), new Set(['to-key']));
});

test('a refused call opens the session all the same', async (t) => {
  const { client, worker } = await deploy(t);
  const { respond } = worker;
  worker.respond = () => ({ status: 'refused', error: { code: 'denied' } });
  await assert.rejects(client.call('secret.read', read), coded('denied'));
  worker.respond = respond;
  await client.call('secret.read', read);
  assert.deepEqual(sealedHow(worker.arrivals), ['to-key', 'in-session']);
});

test('one call renews a session that is about to end; the others go on in the old one', async (t) => {
  const { client, worker, clock } = await deploy(t);
  await client.call('secret.read', read);
  clock.ms += 600_000 * 0.79;
  await client.call('secret.read', read);
  clock.ms += 600_000 * 0.02;
  await Promise.all(Array.from({ length: 8 }, () => client.call('secret.read', read)));
  const how = sealedHow(worker.arrivals).slice(2);
  assert.equal(how.filter((each) => each === 'to-key').length, 1);
  clock.ms += 600_000 * 0.3;
  await client.call('secret.read', read);
  assert.equal(sealedHow(worker.arrivals).at(-1), 'in-session');
});

test('a session is not used past its end', async (t) => {
  const { client, worker, clock } = await deploy(t);
  await client.call('secret.read', read);
  clock.ms += 600_000;
  await client.call('secret.read', read);
  assert.deepEqual(sealedHow(worker.arrivals), ['to-key', 'to-key']);
});

test('a session that ended is opened again: a mutation keeps its id, a read gets a new one', async (t) => {
  const { client, worker, gateway } = await deploy(t);
  const requestIds: string[] = [];
  const { respond } = worker;
  worker.respond = (message) => {
    requestIds.push(message.routing.requestId);
    if (message.operation === 'secret.read') return respond(message);
    return { status: 'done', entry: 8, result: { ...read, kind: 'opaque', version: 2 } };
  };
  const idOf = (frame: Buffer | undefined) => /"requestId":"([^"]+)"/.exec(String(frame))?.[1];
  await client.call('secret.read', read);
  for (const [operation, params] of [
    ['secret.write', write],
    ['secret.read', read],
  ] as const) {
    worker.forgetSessions();
    await client.call(operation, params);
    const [refused, repeated] = gateway.frames.slice(-2).map(idOf);
    assert.equal(repeated, requestIds.at(-1));
    assert.equal(refused === repeated, operation === 'secret.write');
  }
  assert.deepEqual(new Set(sealedHow(worker.arrivals)), new Set(['to-key']));
});

test('an ended session is tried again once, then told', async (t) => {
  const { client, gateway } = await deploy(t);
  gateway.alter = () => encodeRefusal(new StrongroomError('session-ended'));
  await assert.rejects(client.call('secret.read', read), coded('session-ended'));
  assert.equal(gateway.frames.length, 2);
});

test('who seals to a key that is over is told the new one with the refusal, and need not ask for it', async (t) => {
  const { client, worker, gateway } = await deploy(t, { useSession: false });
  await client.call('secret.read', read);
  for (let day = 0; day < 3; day += 1) await worker.rotateSealingKey();
  await client.call('secret.read', read);
  assert.equal(gateway.keyRequests, 1);
  assert.equal(gateway.frames.length, 3, 'refused once, then done');
  await client.call('secret.read', read);
  assert.equal(gateway.frames.length, 4, 'and from then on sealed to the new key');
});

test('keys in a refusal are believed only if the pinned identity signed them', async (t) => {
  const { client, worker, gateway, clock } = await deploy(t, { useSession: false });
  const impostor = new FakeWorker(clock.now);
  await impostor.rotateSealingKey();
  await client.call('secret.read', read);
  const forgeries = [
    impostor.sealingKeys(),
    { ...impostor.sealingKeys(), identity: worker.identity },
    worker.sealingKeys(),
  ];
  for (const [index, sealingKeys] of forgeries.entries()) {
    await worker.rotateSealingKey();
    worker.refusalExtras = () => ({ sealingKeys });
    await client.call('secret.read', read);
    assert.equal(gateway.keyRequests, 2 + index, 'fetched, as without them');
  }
  assert.equal(impostor.arrivals.length, 0);
});

test('a sealing key that is refused without another one is fetched anew, once', async (t) => {
  const { client, worker, gateway } = await deploy(t, { useSession: false });
  worker.refusalExtras = () => ({});
  await client.call('secret.read', read);
  await worker.rotateSealingKey();
  await client.call('secret.read', read);
  assert.equal(gateway.keyRequests, 2);
  assert.equal(gateway.frames.length, 3);
  gateway.alter = () => encodeRefusal(new StrongroomError('sealing-key-unknown'));
  await assert.rejects(client.call('secret.read', read), coded('sealing-key-unknown'));
  assert.equal(gateway.frames.length, 5);
});

test('without sessions every message proves who asks', async (t) => {
  const { client, worker } = await deploy(t, { useSession: false });
  for (let call = 0; call < 2; call += 1) await client.call('secret.read', read);
  assert.deepEqual(sealedHow(worker.arrivals), ['to-key', 'to-key']);
  for (const { message } of worker.arrivals) assert.ok(message.proof && message.openSession === undefined);
});

test('one slow opening does not hold the others past their own deadline', async (t) => {
  const { client, worker } = await deploy(t);
  const { done, reached } = countdown(1);
  const hold = Promise.withResolvers<void>();
  const { respond } = worker;
  worker.respond = async (message) => {
    done();
    await hold.promise;
    return respond(message);
  };
  const opener = client.call('secret.read', read);
  await reached;
  await assert.rejects(client.call('secret.read', read, { deadlineMs: 50 }), coded('deadline-exceeded'));
  hold.resolve();
  await opener;
});
