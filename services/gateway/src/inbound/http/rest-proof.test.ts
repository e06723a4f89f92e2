import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { readRestProof } from './rest-proof.ts';

test('an API key and a workload token are told apart, and nothing given is no proof', () => {
  assert.equal(readRestProof({}), undefined);
  assert.deepEqual(readRestProof({ authorization: 'Bearer sr_a_b' }), { kind: 'api-key', key: 'sr_a_b' });
  assert.deepEqual(readRestProof({ authorization: 'Bearer a.b.c', 'strongroom-cluster': 'prod' }), {
    kind: 'workload-jwt',
    cluster: 'prod',
    token: 'a.b.c',
  });
});

test('any other header is refused with a code and never quoted', () => {
  const anyHeader = fc.oneof(
    fc.string(),
    fc.string().map((text) => `Bearer ${text}`),
  );
  fc.assert(
    fc.property(anyHeader, fc.option(fc.string(), { nil: undefined }), (authorization, cluster) => {
      try {
        const proof = readRestProof({
          authorization,
          ...(cluster === undefined ? {} : { 'strongroom-cluster': cluster }),
        });
        assert.ok(proof !== undefined);
      } catch (fault) {
        assert.ok(isStrongroomError(fault) && fault.code === 'proof-invalid');
        assert.ok(['authorization', 'strongroom-cluster'].includes(fault.detail ?? ''));
      }
    }),
  );
});
