import { equal, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { countInvocation, InvocationCounts } from './invocation-counts.ts';

describe('invocation counts', () => {
  it('go on where they were for whoever asks by the same name', () => {
    const counts = new InvocationCounts();
    countInvocation(counts.of('token:a'));
    countInvocation(counts.of('token:a'));
    countInvocation(counts.of('data:b'));
    equal(counts.read('token:a'), 2);
    equal(counts.read('data:b'), 1);
    equal(counts.read('token:nobody'), 0);
  });

  it('refuse the key at 2^32', () => {
    const usedUp = { count: 2 ** 32 - 1 };
    countInvocation(usedUp);
    throws(
      () => countInvocation(usedUp),
      (error) => isStrongroomError(error) && error.code === 'key-exhausted',
    );
  });
});
