import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { test } from 'node:test';
import { codeOf, done, eventually, group, kms, startDeployment, wrap } from './kit/deployment.ts';
import { readToken } from './kit/token.ts';

const recoveryMsMax = 10_000;

test('I1: keys never leave the token, and losing the token makes none', async (context) => {
  const { stack, operator, app } = await startDeployment(context);
  const { hsm } = stack.info;
  const before = await readToken(hsm);

  await context.test('the token itself says that no key of ours can be read or taken out', () => {
    const keks = before.filter(({ label }) => label.startsWith('strongroom/key/'));
    assert.ok(keks.length >= 2, 'the KEKs are on the token');
    for (const key of before) {
      assert.deepEqual(
        { ...key, label: '', value: '' },
        {
          label: '',
          value: '',
          sensitive: true,
          extractable: false,
          alwaysSensitive: true,
          neverExtractable: true,
          local: true,
        },
        key.label,
      );
      assert.notEqual(key.value, 'readable', key.label);
    }
  });

  const { keyId, ciphertext } = await wrap(app);
  await rename(hsm.tokenDirectory, `${hsm.tokenDirectory}.away`);

  await context.test(
    'without the token every use and every creation is refused as unavailable, never as absent',
    async () => {
      assert.equal(await codeOf(wrap(app)), 'hsm-unavailable');
      assert.equal(await codeOf(done(app, 'kms.unwrap', { ...kms, keyId, ciphertext })), 'hsm-unavailable');
      for (let tried = 0; tried < 4; tried += 1) {
        const name = `ghost-${tried}`;
        assert.equal(
          await codeOf(done(operator, 'key.create', { group, name, purpose: 'kek' })),
          'hsm-unavailable',
        );
      }
    },
  );

  await rename(`${hsm.tokenDirectory}.away`, hsm.tokenDirectory);

  await context.test(
    'with the token back the workers recover by themselves and hold exactly the keys of before',
    async () => {
      await eventually('both workers recover', recoveryMsMax, async () => {
        const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(wrap(app))));
        return codes.every((code) => code === 'done') ? true : undefined;
      });
      await done(app, 'kms.unwrap', { ...kms, keyId, ciphertext });
      const labels = (keys: typeof before) => keys.map(({ label }) => label).sort();
      assert.deepEqual(labels(await readToken(hsm)), labels(before));
      assert.equal(await codeOf(done(operator, 'key.describe', { group, name: 'ghost-0' })), 'absent');
    },
  );
});
