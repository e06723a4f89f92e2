/** Every parser that bytes from outside reach: always an answer, never an exception, and one form for one value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatApiKey, parseApiKey } from './api-key.ts';
import { callerFromFacts, factsOf } from './caller.ts';
import { joinKmsCiphertext, splitKmsCiphertext } from './kms-ciphertext.ts';
import { readWorkload } from './workload-claims.ts';

const version = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const sealed = fc.uint8Array({ minLength: 1, maxLength: 64 });

test('ciphertexts come apart as they were put together', () => {
  fc.assert(
    fc.property(version, sealed, (number, bytes) => {
      const parts = splitKmsCiphertext(joinKmsCiphertext(number, bytes));
      assert.equal(parts?.version, number);
      assert.deepEqual(Buffer.from(parts?.sealed ?? []), Buffer.from(bytes));
    }),
  );
});

test('any bytes are a ciphertext or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      assert.equal(splitKmsCiphertext(bytes) !== undefined, bytes.length > 4);
    }),
  );
});

test('an API key has one form', () => {
  const id = fc.uint8Array({ minLength: 12, maxLength: 12 });
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(id, secret, (idBytes, secretBytes) => {
      const parsed = parseApiKey(formatApiKey(idBytes, secretBytes));
      assert.equal(parsed?.id, Buffer.from(idBytes).toString('hex'));
      assert.deepEqual(Buffer.from(parsed?.secret ?? []), Buffer.from(secretBytes));
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^sr_[0-9a-f]{23,25}_[A-Za-z0-9_-]{42,44}$/), (text) => {
      const parsed = parseApiKey(text);
      if (parsed !== undefined)
        assert.equal(formatApiKey(Buffer.from(parsed.id, 'hex'), parsed.secret), text);
    }),
  );
});

test('any claims are believed or refused', () => {
  const cluster = { issuer: 'i', audience: 'a' };
  const json = fc.jsonValue() as fc.Arbitrary<unknown>;
  const claims = fc.record(
    {
      iss: fc.oneof(fc.constant('i'), json),
      aud: fc.oneof(fc.constant(['a']), json),
      exp: fc.oneof(fc.integer(), json),
      iat: fc.oneof(fc.integer(), json),
      nbf: json,
      sub: json,
      'kubernetes.io': fc.oneof(
        json,
        fc.record({ namespace: json, pod: json, serviceaccount: json, node: json }),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(claims, fc.integer({ min: 0, max: 2 ** 40 }), (value, nowMs) => {
      assert.ok(['believed', 'refused'].includes(readWorkload(value, cluster, nowMs).status));
    }),
  );
});

test('a caller is the same after a session ticket', () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20})$/);
  const callers = fc.record({
    principal: name,
    version: fc.integer({ min: 1, max: 2 ** 31 }),
    pod: name,
    node: fc.option(name, { nil: undefined }),
  });
  fc.assert(
    fc.property(callers, ({ principal, version: seen, pod, node }) => {
      const caller = {
        principal,
        proof: 'workload-jwt' as const,
        actor: {
          id: principal,
          proof: 'workload-jwt' as const,
          cluster: 'c',
          namespace: 'n',
          pod,
          ...(node === undefined ? {} : { node }),
        },
        voucher: { kind: 'cluster' as const, id: 'c', version: seen },
      };
      assert.deepEqual(callerFromFacts(principal, 'workload-jwt', factsOf(caller)), caller);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('voucher', 'voucherVersion', 'pod'), fc.string()), (facts) => {
      const caller = callerFromFacts('user:a', 'key', facts);
      assert.ok(caller === undefined || caller.voucher.version >= 1);
    }),
  );
});
