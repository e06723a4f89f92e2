import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { newRequestId, type SecretRecipe } from '@strongroom/contracts';
import { makeCertificates } from '../../testing/certificates.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const group = 'default';
const password: SecretRecipe = {
  recipe: 'password',
  length: 24,
  classes: { lower: 1, upper: 1, digits: 2, symbols: 1 },
};

async function set() {
  const scene = await WorkerScene.set();
  const readBack = async (name: string, version?: number) => {
    const params = { group, name, ...(version === undefined ? {} : { version }) };
    return Buffer.from((await scene.ask('secret.read', params)).value, 'base64url');
  };
  return { scene, readBack };
}

/** Certificates are of today, and the clock of the scene is not. */
async function setToday() {
  const made = await set();
  const { clock } = made.scene.deployment;
  clock.advance(Date.now() - clock.nowMs());
  await made.scene.worker.worker.keyring.refresh();
  return made;
}

test('every recipe makes a value of its kind, and the reply states its entropy and holds nothing of it', async () => {
  const { scene, readBack } = await set();
  const rows = [
    ['password', password, 150],
    ['pin', { recipe: 'pin', digits: 6 }, 19],
    ['api-key', { recipe: 'token', bytes: 32 }, 256],
    ['key', { recipe: 'random', bytes: 32 }, 256],
    ['ssh-key', { recipe: 'ssh-ed25519', comment: 'ci@example' }, 256],
    ['key', { recipe: 'x509', algorithm: 'ed25519', dnsNames: ['a.example'] }, 256],
    ['key', { recipe: 'x509', algorithm: 'rsa-2048', dnsNames: ['a.example'] }, 256],
  ] as const;
  for (const [at, [kind, recipe, bits]] of rows.entries()) {
    const name = `made-${at}`;
    const reply = await scene.ask('secret.generate', { group, name, kind, recipe: recipe as SecretRecipe });
    assert.equal(reply.entropyBits, bits, name);
    const value = await readBack(name);
    for (const form of ['latin1', 'base64url', 'hex', 'base64'] as const)
      assert.ok(!JSON.stringify(reply).includes(value.toString(form)), `${name} ${form}`);
    const again = await scene.ask('secret.generate', { group, name, kind, recipe: recipe as SecretRecipe });
    assert.equal(again.version, 2);
    assert.ok(!(await readBack(name)).equals(value), 'another value each time');
  }
  assert.match((await readBack('made-0')).toString(), /^(?=.*\d.*\d)(?=.*[a-z])(?=.*[A-Z])[!-~]{24}$/);
});

test('what a recipe demands is there however unlikely it is, and no text is mended to have it', async () => {
  const { scene, readBack } = await set();
  const recipe = { recipe: 'password', length: 8, classes: { digits: 5, upper: 0 } } as const;
  for (let at = 0; at < 12; at += 1) {
    await scene.ask('secret.generate', { group, name: 'pass', kind: 'password', recipe });
    assert.match((await readBack('pass')).toString(), /^(?=(.*\d){5})[0-9A-Z]{8}$/);
  }
});

test('a repeated request makes no second value', async () => {
  const { scene, readBack } = await set();
  const requestId = newRequestId(scene.deployment.clock.nowMs());
  const params = { group, name: 'x', kind: 'password', recipe: password } as const;
  const first = await scene.alice.call(scene.worker, 'secret.generate', params, { requestId });
  const value = await readBack('x');
  const second = await scene.alice.call(scene.worker, 'secret.generate', params, { requestId });
  assert.deepEqual([codeOf(first), codeOf(second)], ['done', 'done']);
  assert.ok((await readBack('x')).equals(value));
  assert.equal((await scene.ask('secret.describe', { group, name: 'x' })).currentVersion, 1);
});

test('a recipe for another kind, of too little chance or that contradicts itself is refused', async () => {
  const { scene } = await set();
  const generate = async (kind: string, recipe: object) =>
    codeOf(
      await scene.alice.call(scene.worker, 'secret.generate', { group, name: 'x', kind, recipe } as never),
    );
  assert.equal(await generate('pin', password), 'request-invalid');
  assert.equal(await generate('password', { ...password, entropyBitsMin: 151 }), 'request-invalid');
  assert.equal(
    await generate('password', { ...password, length: 8, classes: { digits: 8, upper: 1 } }),
    'request-invalid',
  );
  const lucky = { ...password, length: 8, classes: { digits: 7, upper: 1, lower: 0 } };
  assert.equal(await generate('password', lucky), 'request-invalid', 'draws without end');
  assert.equal(await generate('key', { recipe: 'random', bytes: 17 }), 'value-invalid');
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'secret.read', { group, name: 'x' })), 'absent');
});

test('a key that nobody saw gets its certificate: request, signature, installation', async () => {
  const { scene, readBack } = await setToday();
  const authority = makeCertificates();
  const { signingRequest = '' } = await scene.ask('secret.generate', {
    group,
    name: 'web-key',
    kind: 'key',
    recipe: { recipe: 'x509', algorithm: 'ecdsa-p256', dnsNames: ['web.example'] },
  });
  const chain = authority.sign(signingRequest) + authority.issuer;
  const installed = await scene.ask('secret.install-certificate', {
    group,
    name: 'web',
    keyName: 'web-key',
    chain,
  });
  assert.equal(installed.kind, 'certificate');
  assert.deepEqual(
    scene.deployment.auditLog.entries.at(-1)?.objects.map(({ name, version }) => `${name} ${version}`),
    ['web 1', 'web-key 1'],
  );
  const bundle = await readBack('web');
  assert.ok(bundle.toString().includes('PRIVATE KEY') && bundle.toString().includes(authority.issuer.trim()));
  const { versions } = await scene.ask('secret.describe', { group, name: 'web' });
  const ends = [authority.issuer, chain].map((pem) => new X509Certificate(pem).validToDate.toISOString());
  assert.equal(versions[0]?.expiresAt, ends.sort()[0], 'the chain ends with whichever of it ends first');
  const install = async (params: object) =>
    codeOf(
      await scene.alice.call(scene.worker, 'secret.install-certificate', {
        group,
        name: 'web',
        keyName: 'web-key',
        chain,
        ...params,
      } as never),
    );
  assert.equal(await install({ chain: authority.leaf }), 'value-invalid');
  assert.equal(await install({ keyName: 'web' }), 'request-invalid');
  assert.equal(await install({ keyName: 'missing' }), 'absent');
  await scene.ask('secret.delete', { group, name: 'web-key' });
  assert.equal(await install({}), 'secret-deleted', 'what may not be read may not be used either');
  assert.ok(!JSON.stringify(scene.deployment.auditLog.entries).includes('PRIVATE KEY'));
});

test('RSA of every size: the key that nobody saw fits its certificate, and no other key does', async () => {
  const { scene, readBack } = await setToday();
  const authority = makeCertificates();
  for (const bits of [2_048, 3_072, 4_096] as const) {
    const name = `rsa-${bits}-key`;
    const recipe: SecretRecipe = {
      recipe: 'x509',
      algorithm: `rsa-${bits}`,
      commonName: 'web',
      dnsNames: ['web.example'],
    };
    const made = await scene.ask('secret.generate', { group, name, kind: 'key', recipe });
    const key = createPrivateKey(await readBack(name));
    assert.equal(key.asymmetricKeyDetails?.modulusLength, bits);
    const chain = authority.sign(made.signingRequest ?? '') + authority.issuer;
    await scene.ask('secret.install-certificate', { group, name: `rsa-${bits}`, keyName: name, chain });
    const { privateKey: other } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const write = async (pair: KeyObject, type: 'pkcs1' | 'pkcs8') =>
      codeOf(
        await scene.alice.call(scene.worker, 'secret.write', {
          group,
          name: 'by-hand',
          kind: 'certificate',
          value: encodeBytes(Buffer.from(`${pair.export({ format: 'pem', type })}${chain}`)),
        }),
      );
    assert.deepEqual(
      [await write(key, 'pkcs1'), await write(key, 'pkcs8'), await write(other, 'pkcs8')],
      ['done', 'done', 'value-invalid'],
    );
  }
});
