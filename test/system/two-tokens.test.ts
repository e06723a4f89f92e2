/** Two tokens that hold the same keys behind one pool: either may go away under load, and the other serves within a second. */
import assert from 'node:assert/strict';
import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOf, kms, seed, startDeployment } from '../security/kit/deployment.ts';

const callers = 8;
const withinMs = 1_000;
/** In a row, after the token went away: one worker without its token alone would refuse half of them. */
const servedInARow = 200;
/** Made by the log of a busy machine, with or without a token that is away. */
const passing = 'audit-unavailable';

test('a token goes away under load: its worker leaves the pool, the other serves, and it comes back', async (context) => {
  const { stack, app } = await startDeployment(context);
  const { home, hsm } = stack.info;
  const first = hsm.tokenDirectory;
  const second = join(home, 'second-token');
  // As a vendor's replication would: everything that the ceremony and the operators made.
  await cp(first, second, { recursive: true });
  const settings = await readFile(hsm.env['SOFTHSM2_CONF'] ?? '', 'utf8');
  const conf = join(home, 'second-softhsm2.conf');
  await writeFile(conf, settings.replaceAll(first, second));
  assert.notEqual(settings.replaceAll(first, second), settings);
  await stack.restart('crypto-worker-2', { extraEnv: { SOFTHSM2_CONF: conf } });

  const wrap = () => codeOf(app.call('kms.wrap', { ...kms, plaintext: seed() }));
  /** Milliseconds from now until the last answer that was a refusal, and until the last one came at all. */
  const untilServed = async () => {
    const begin = performance.now();
    let inARow = 0;
    let lastRefusalMs = 0;
    let slowestMs = 0;
    const codes = new Map<string, number>();
    const call = async () => {
      while (inARow < servedInARow) {
        const asked = performance.now();
        const code = await wrap();
        slowestMs = Math.max(slowestMs, performance.now() - asked);
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code === 'done') inARow += 1;
        else if (code !== passing) [inARow, lastRefusalMs] = [0, performance.now() - begin];
        assert.ok(performance.now() - begin < 30_000, `not served: ${JSON.stringify([...codes])}`);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    context.diagnostic(JSON.stringify({ lastRefusalMs, slowestMs, ...Object.fromEntries(codes) }));
    const refusals = [...codes.keys()].filter((code) => code !== 'done' && code !== passing);
    assert.deepEqual(
      refusals.filter((code) => code !== 'hsm-unavailable'),
      [],
    );
    assert.ok(lastRefusalMs < withinMs, `refused for ${lastRefusalMs} ms`);
  };
  await untilServed();
  for (const directory of [second, first]) {
    await rename(directory, `${directory}.away`);
    await untilServed();
    await rename(`${directory}.away`, directory);
    // Back in the pool before the other one goes: until then nobody would be left.
    const name = directory === first ? 'crypto-worker-1' : 'crypto-worker-2';
    const status = join(home, 'run', `${name}.status.json`);
    for (;;) {
      const { state } = JSON.parse(await readFile(status, 'utf8')) as { state: string };
      if (state === 'ready') break;
      await wrap();
    }
  }
  await untilServed();
});
