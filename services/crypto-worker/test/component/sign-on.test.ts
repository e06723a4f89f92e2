/** People who sign in with a provider and a passkey, and work with a session key of their own. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { TestCaller } from '../../testing/test-caller.ts';
import { type AssertionChange, SignedIn, TestPasskey, TestProvider } from '../../testing/test-provider.ts';
import { TestWorker } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const list = { group: 'default', limit: 1 };
const hourMs = 3_600_000;

async function office(withPasskey = true) {
  const scene = await WorkerScene.set();
  const { clock } = scene.deployment;
  const [provider, passkey] = [new TestProvider(), new TestPasskey()];
  await scene.ask('sso.register', provider.registration);
  const enrol = async (name: string) => {
    const passkeys = withPasskey ? [passkey.enrolment] : [];
    const credential = { kind: 'sso', provider: 'corp', subject: `${name}@corp`, passkeys } as const;
    await scene.ask('principal.enrol', { principal: `user:${name}`, credential });
    await scene.bind(`${name}-audits`, `user:${name}`, 'auditor');
  };
  await enrol('erin');
  const signIn = async (
    name = 'erin',
    claims: Readonly<Record<string, unknown>> = {},
    change: AssertionChange = {},
  ) => {
    const person = new SignedIn(`user:${name}`);
    person.idToken = await provider.idToken(clock.nowMs(), `${name}@corp`, person.hash, claims);
    if (withPasskey) person.assertion = passkey.assert(person.hash, provider, change);
    return person;
  };
  const use = async (person: SignedIn) =>
    codeOf(await new TestCaller(person).call(scene.worker, 'key.list', list));
  return { scene, clock, provider, passkey, enrol, signIn, use };
}

test('a person signs in with provider and passkey, and goes on in a sealed session with any worker', async () => {
  const { scene, signIn } = await office();
  const second = await TestWorker.start(scene.deployment, 'worker-2');
  const erin = new TestCaller(await signIn());
  assert.equal(codeOf(await erin.call(scene.worker, 'key.list', list, { openSession: true })), 'done');
  assert.equal(codeOf(await erin.inSession(second, 'key.list', list)), 'done');
  const { actor } = scene.deployment.auditLog.entries.at(-1) ?? {};
  assert.deepEqual(actor, { id: 'user:erin', proof: 'session' });
});

test('each request is signed by the session key: a token and an assertion that were copied are worth nothing', async () => {
  const { signIn, use } = await office();
  const erin = await signIn();
  assert.equal(await use(erin), 'done');
  const thief = new SignedIn('user:erin');
  thief.idToken = erin.idToken;
  thief.assertion = erin.assertion;
  assert.equal(await use(thief), 'proof-invalid');
  // Nor is the signature of another key believed for the key that was delegated to.
  Object.defineProperty(thief.key, 'publicKey', { value: erin.key.publicKey });
  assert.equal(await use(thief), 'proof-invalid');
});

test('a sign-in is for one person', async () => {
  const { signIn, use, enrol, provider, clock } = await office(false);
  await enrol('frank');
  const person = new SignedIn('user:frank');
  person.idToken = await provider.idToken(clock.nowMs(), 'erin@corp', person.hash);
  assert.equal(await use(person), 'proof-invalid');
  assert.equal(await use(await signIn('nobody')), 'proof-invalid');
  const operator = new SignedIn('user:alice');
  operator.idToken = person.idToken;
  assert.equal(await use(operator), 'proof-invalid', 'who is enrolled with a key has no sign-on');
});

test('an ID token must say everything, exactly, and in its time', async () => {
  const { signIn, use, clock } = await office(false);
  const now = Math.floor(clock.nowMs() / 1_000);
  const refused: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ iss: 'https://other.example' }, 'proof-invalid'],
    [{ iss: undefined }, 'proof-invalid'],
    [{ aud: 'another' }, 'proof-invalid'],
    [{ aud: ['strongroom', 'another'] }, 'proof-invalid'],
    [{ aud: undefined }, 'proof-invalid'],
    [{ azp: 'another' }, 'proof-invalid'],
    [{ sub: 'erin' }, 'proof-invalid'],
    [{ nonce: 'another' }, 'proof-invalid'],
    [{ nonce: undefined }, 'proof-invalid'],
    [{ exp: undefined }, 'proof-invalid'],
    [{ iat: 'now' }, 'proof-invalid'],
    [{ exp: now, iat: now }, 'proof-invalid'],
    [{ exp: now - 31, iat: now - 600 }, 'proof-expired'],
    [{ iat: now + 60, exp: now + 600 }, 'proof-expired'],
    [{ nbf: now + 60 }, 'proof-expired'],
    [{ iat: now - 13 * 3_600, exp: now + 600 }, 'proof-expired'],
  ];
  for (const [claims, code] of refused)
    assert.equal(await use(await signIn('erin', claims)), code, JSON.stringify(claims));
  assert.equal(await use(await signIn('erin', { aud: ['strongroom'], azp: 'strongroom' })), 'done');
});

test('a token by another key, or of no form, proves nothing', async () => {
  const { signIn, use, provider, clock } = await office(false);
  const person = await signIn();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = await provider.idToken(clock.nowMs(), 'erin@corp', person.hash, {}, privateKey);
  const [, payload] = person.idToken.split('.');
  const unsigned = `${Buffer.from('{"alg":"none","kid":"key-1"}').toString('base64url')}.${payload}.`;
  for (const idToken of [foreign, unsigned, '', 'a.b.c', `${person.idToken}x`]) {
    person.idToken = idToken;
    assert.equal(await use(person), 'proof-invalid', idToken);
  }
});

test('who has a passkey shows it: made for this session key, here, by a person who was verified', async () => {
  const { signIn, use, provider, passkey } = await office();
  const without = await signIn();
  without.assertion = undefined;
  assert.equal(await use(without), 'proof-invalid');
  const changes: readonly AssertionChange[] = [
    { clientData: { type: 'webauthn.create' } },
    { clientData: { challenge: 'another' } },
    { clientData: { origin: 'https://strongroom.example.evil' } },
    { clientData: { origin: 'https://approve.strongroom.example' } },
    { clientData: { crossOrigin: true } },
    { clientData: { topOrigin: 'https://evil.example' } },
    { rpId: 'approve.strongroom.example' },
    { flags: 0 },
    { flags: 1 },
    { flags: 4 },
    { flags: 16 + 5 },
  ];
  for (const change of changes)
    assert.equal(await use(await signIn('erin', {}, change)), 'proof-invalid', JSON.stringify(change));
  assert.equal(await use(await signIn('erin', {}, { flags: 16 + 8 + 5 })), 'done');
  // The passkey of somebody else, and an assertion of an earlier sign-in.
  const [stranger, later, earlier] = [await signIn(), await signIn(), await signIn()];
  stranger.assertion = new TestPasskey().assert(stranger.hash, provider);
  assert.equal(await use(stranger), 'proof-invalid');
  later.assertion = passkey.assert(earlier.hash, provider);
  assert.equal(await use(later), 'proof-invalid');
});

test('a session ends with the ID token, and with person and provider', async () => {
  const { scene, signIn, use, clock, enrol } = await office(false);
  const { worker } = scene;
  const now = Math.floor(clock.nowMs() / 1_000);
  const short = new TestCaller(await signIn('erin', { exp: now + 120 }));
  await short.call(worker, 'key.list', list, { openSession: true });
  clock.advance(121_000);
  assert.equal(codeOf(await short.inSession(worker, 'key.list', list)), 'session-ended');

  await enrol('frank');
  const [erin, frank] = [await signIn(), await signIn('frank')];
  const [byErin, byFrank] = [new TestCaller(erin), new TestCaller(frank)];
  for (const each of [byErin, byFrank]) await each.call(worker, 'key.list', list, { openSession: true });
  await scene.ask('principal.disable', { principal: 'user:erin' });
  assert.equal(codeOf(await byErin.inSession(worker, 'key.list', list)), 'denied');
  assert.equal(await use(erin), 'denied');
  assert.equal(codeOf(await byFrank.inSession(worker, 'key.list', list)), 'done');
  assert.equal((await scene.ask('sso.disable', { name: 'corp' })).state, 'disabled');
  assert.equal(codeOf(await byFrank.inSession(worker, 'key.list', list)), 'session-ended');
  assert.equal(await use(frank), 'denied');
});

test('a sign-in that was seen is remembered, and forgotten when it is over', async () => {
  const { signIn, use, clock, scene } = await office();
  const erin = await signIn();
  for (let call = 0; call < 3; call += 1) assert.equal(await use(erin), 'done');
  clock.advance(hourMs + 31_000);
  await scene.worker.worker.keyring.refresh();
  assert.equal(await use(erin), 'proof-expired');
});

test('a remembered sign-in vouches for no other passkey, token or key', async () => {
  const { signIn, use } = await office();
  const erin = await signIn();
  assert.equal(await use(erin), 'done');
  const { assertion } = erin;
  erin.assertion = undefined;
  assert.equal(await use(erin), 'proof-invalid');
  erin.assertion = assertion;
  erin.idToken = `${erin.idToken}x`;
  assert.equal(await use(erin), 'proof-invalid');
});

test('nobody is enrolled with a provider that there is not, or with passkeys that are none', async () => {
  const { scene, passkey } = await office();
  const enrol = async (change: object) =>
    codeOf(
      await scene.alice.call(scene.worker, 'principal.enrol', {
        principal: 'user:gina',
        credential: { kind: 'sso', provider: 'corp', subject: 'gina@corp', passkeys: [], ...change },
      }),
    );
  const { enrolment } = passkey;
  assert.equal(await enrol({ provider: 'none' }), 'absent');
  assert.equal(await enrol({ passkeys: [enrolment, enrolment] }), 'request-invalid');
  assert.equal(await enrol({ passkeys: [{ ...enrolment, publicKey: 'A'.repeat(44) }] }), 'request-invalid');
  assert.equal(await enrol({ subject: '' }), 'request-invalid');
  assert.equal(await enrol({ passkeys: [enrolment] }), 'done');
});

test('without a token of the provider nobody learns who signs in with it', async () => {
  const { scene, provider, clock } = await office();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const answers = new Set<string>();
  for (const principal of ['user:erin', 'user:alice', 'user:nobody']) {
    const prober = new SignedIn(principal);
    const forged = await provider.idToken(clock.nowMs(), 'erin@corp', prober.hash, {}, privateKey);
    for (const idToken of [forged, 'a.b.c', '']) {
      prober.idToken = idToken;
      const answer = await new TestCaller(prober).call(scene.worker, 'key.list', list);
      assert.ok(answer.status === 'refused');
      answers.add(JSON.stringify(answer.error));
    }
  }
  assert.deepEqual([...answers], ['{"code":"proof-invalid"}']);
});
