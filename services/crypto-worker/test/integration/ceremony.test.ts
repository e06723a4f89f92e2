import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SignedGovernanceRoot } from '@strongroom/contracts';
import { createSoftHsmToken, type SoftHsmToken } from '@strongroom/testing';
import { makeGovernance } from '../../testing/governance-fixture.ts';
import { startHsmProcess } from '../../testing/hsm-process.ts';

const main = fileURLToPath(new URL('../../src/ceremony-main.ts', import.meta.url));

interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

async function startCeremony(token: SoftHsmToken, signed: SignedGovernanceRoot) {
  const file = join(token.directory, 'governance.json');
  await writeFile(file, JSON.stringify(signed));
  const child = spawn(process.execPath, [main], {
    env: {
      ...token.env,
      STRONGROOM_CRYPTO_WORKER_PKCS11_MODULE: token.module,
      STRONGROOM_CRYPTO_WORKER_TOKEN_LABEL: token.tokenLabel,
      STRONGROOM_CRYPTO_WORKER_TOKEN_SERIAL: token.serial,
      STRONGROOM_CRYPTO_WORKER_PIN_FILE: token.pinFile,
      STRONGROOM_CRYPTO_WORKER_GOVERNANCE_FILE: file,
      // Of the worker, and none of the ceremony's business.
      STRONGROOM_CRYPTO_WORKER_NATS_URL: 'nats://127.0.0.1:4222',
    },
  });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (texts.out += chunk));
  child.stderr.on('data', (chunk) => (texts.err += chunk));
  const ended = new Promise<Run>((resolve) => {
    child.once('close', (status) => resolve({ status, ...texts }));
  });
  return { child, ended };
}

const hold = async (token: SoftHsmToken, signed: SignedGovernanceRoot) =>
  (await startCeremony(token, signed)).ended;

const { signed } = makeGovernance();

describe('the ceremony as a program, on SoftHSM', () => {
  let token: SoftHsmToken;
  before(async () => {
    token = await createSoftHsmToken();
  });
  after(() => token.stop());

  it('prints one line of JSON, the same each time, and refuses another root', async () => {
    const first = await hold(token, signed);
    equal(first.err, '');
    equal(first.status, 0);
    match(first.out, /^\{[^\n]*\}\n$/);
    deepEqual(Object.keys(JSON.parse(first.out)), ['identityFingerprint', 'identity', 'logKey']);
    deepEqual(await hold(token, signed), first);
    const refused = await hold(token, makeGovernance().signed);
    equal(refused.out, '');
    equal(refused.status, 8);
    match(refused.err, /^governance-tampered: /);
  });

  it('refuses a token that lost a key, by the name of the key', async () => {
    const other = await startHsmProcess(token);
    await other.call('destroyKey', 'strongroom/mac');
    await other.stop();
    const refused = await hold(token, signed);
    equal(refused.status, 8);
    match(refused.err, /^hsm-inconsistent: [^\n]*\n.*strongroom\/mac/);
  });

  it('tells every missing setting at once', async () => {
    const child = spawn(process.execPath, [main], { env: {} });
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    const status = await new Promise((resolve) => child.once('close', resolve));
    equal(status, 8);
    for (const name of ['PKCS11_MODULE', 'TOKEN_LABEL', 'TOKEN_SERIAL', 'PIN_FILE', 'GOVERNANCE_FILE']) {
      match(err, new RegExp(`STRONGROOM_CRYPTO_WORKER_${name}: is needed`));
    }
  });
});

describe('a ceremony that is killed', () => {
  /** The note, two secret keys, two pairs, the pin: eight in the end. */
  for (const objects of [1, 3, 5, 8]) {
    it(`when ${objects} objects are on the token is whole after one more run`, async () => {
      const token = await createSoftHsmToken();
      try {
        const { child, ended } = await startCeremony(token, signed);
        const [folder] = readdirSync(token.tokenDirectory);
        const count = () =>
          readdirSync(join(token.tokenDirectory, folder as string)).filter((file) =>
            /^[0-9a-f-]{36}\.object$/.test(file),
          ).length;
        const isOver = { value: false };
        ended.then(() => {
          isOver.value = true;
        });
        while (!isOver.value && count() < objects) await new Promise((resolve) => setImmediate(resolve));
        child.kill('SIGKILL');
        await ended;
        ok(count() >= objects);
        const second = await hold(token, signed);
        equal(second.err, '');
        equal(second.status, 0);
        deepEqual(await hold(token, signed), second);
      } finally {
        await token.stop();
      }
    });
  }
});
