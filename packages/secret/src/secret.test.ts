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
      format('%o %O %j %s', secret, secret, secret, secret),
      inspect(secret, { customInspect: false, showHidden: true }),
      inspect(new Error('wrapped', { cause: secret })),
      JSON.stringify(structuredClone(secret)),
      inspect(structuredClone(secret)),
      Object.getOwnPropertyNames(secret).join(),
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

test('a scope that ends disposes, and disposing twice is harmless', () => {
  const bytes = Buffer.from(canary);
  let escaped: SecretBytes;
  {
    using secret = SecretBytes.adopt(bytes);
    escaped = secret;
    assert.ok(!escaped.isDisposed);
  }
  assert.ok(escaped.isDisposed && bytes.every((octet) => octet === 0));
  escaped.dispose();
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
