import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { KeyUsage } from '@strongroom/contracts';
import fc from 'fast-check';
import { type IntendedUse, usageRefusal } from './usage-policy.ts';

const at = (second: number) => `2030-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
const text = (value: string) => encodeBytes(Buffer.from(value));
const strict = {
  operations: ['encrypt'],
  mechanisms: ['aes-gcm'],
  notBefore: at(10),
  notAfter: at(20),
  associatedDataPrefix: text('payments/'),
} as const satisfies KeyUsage;
const fitting: IntendedUse = {
  use: 'encrypt',
  mechanism: 'aes-gcm',
  atMs: Date.parse(at(15)),
  associatedData: text('payments/7'),
};

test('a policy without fields allows everything, and a use that fits every field is allowed', () => {
  assert.equal(usageRefusal({}, { ...fitting, associatedData: undefined }), undefined);
  assert.equal(usageRefusal(strict, fitting), undefined);
});

test('each field refuses for itself, and says that it was the one', () => {
  const refused = (change: Partial<IntendedUse>) => usageRefusal(strict, { ...fitting, ...change });
  assert.deepEqual(refused({ use: 'decrypt' }), { code: 'key-usage-refused', detail: 'operations' });
  assert.deepEqual(refused({ mechanism: 'aes-kwp' }), { code: 'key-usage-refused', detail: 'mechanisms' });
  assert.deepEqual(refused({ atMs: Date.parse(at(9)) }), { code: 'key-use-early', detail: 'notBefore' });
  assert.deepEqual(refused({ atMs: Date.parse(at(21)) }), { code: 'key-use-late', detail: 'notAfter' });
  for (const associatedData of [undefined, '', text('payments'), text('Payments/7'), text('x/payments/7')])
    assert.deepEqual(
      refused({ associatedData }),
      { code: 'key-usage-refused', detail: 'associatedDataPrefix' },
      associatedData ?? 'none',
    );
});

test('the reasons come in the order of the fields: what first, then when, then where', () => {
  let intended: IntendedUse = { use: 'decrypt', mechanism: 'aes-kwp', atMs: 0 };
  const told: string[] = [];
  const mend: Readonly<Record<string, Partial<IntendedUse>>> = {
    operations: { use: 'encrypt' },
    mechanisms: { mechanism: 'aes-gcm' },
    notBefore: { atMs: Date.parse(at(30)) },
    notAfter: { atMs: Date.parse(at(20)) },
    associatedDataPrefix: { associatedData: text('payments/') },
  };
  for (;;) {
    const refusal = usageRefusal(strict, intended);
    if (refusal === undefined) break;
    told.push(refusal.detail);
    intended = { ...intended, ...mend[refusal.detail] };
  }
  assert.deepEqual(told, Object.keys(mend));
});

test('a prefix is one of octets, at whatever length base64url breaks', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      (prefix, rest) => {
        const usage = { associatedDataPrefix: encodeBytes(prefix) };
        const whole = Uint8Array.from([...prefix, ...rest]);
        assert.equal(usageRefusal(usage, { ...fitting, associatedData: encodeBytes(whole) }), undefined);
        const other = Uint8Array.from(whole);
        other[prefix.length - 1] = (other[prefix.length - 1] ?? 0) ^ 1;
        assert.notEqual(usageRefusal(usage, { ...fitting, associatedData: encodeBytes(other) }), undefined);
        if (prefix.length > 1)
          assert.notEqual(
            usageRefusal(usage, { ...fitting, associatedData: encodeBytes(prefix.subarray(1)) }),
            undefined,
          );
      },
    ),
  );
});
