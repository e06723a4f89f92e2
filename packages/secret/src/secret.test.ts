import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { SecretBytes } from './secret-bytes.ts';
import { SecretString } from './secret-string.ts';

const canary = 'canary-7f3a';

test('no way of printing shows the content', () => {
  for (const secret of [SecretBytes.copyOf(Buffer.from(canary)), new SecretString(canary)]) {
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret, { showHidden: true, depth: 9 }),
      format('%o %j %s', secret, secret, secret),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify({ ...secret }),
    ].join('\n');
    assert.ok(!printed.includes(canary));
    assert.ok(!printed.includes(Buffer.from(canary).toString('hex')));
    assert.ok(!printed.includes([...Buffer.from(canary)].join(',')));
  }
});

test('disposal zeroes the bytes and ends all use', () => {
  const bytes = Buffer.from(canary);
  const secret = SecretBytes.adopt(bytes);
  assert.equal(
    secret.use((held) => Buffer.from(held).toString()),
    canary,
  );
  secret.dispose();
  assert.ok(bytes.every((octet) => octet === 0));
  assert.ok(secret.isDisposed);
  assert.throws(() => secret.use(() => 0), TypeError);
});

test('a copy is its own', () => {
  const bytes = Buffer.from(canary);
  using secret = SecretBytes.copyOf(bytes);
  bytes.fill(0);
  assert.equal(
    secret.use((held) => Buffer.from(held).toString()),
    canary,
  );
});
