import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestDomain } from './digest-domain.ts';

test('no two purposes share a domain, and none is the beginning of another', () => {
  const domains = Object.values(digestDomain);
  assert.equal(new Set(domains).size, domains.length);
  for (const domain of domains) {
    // The zero octet that follows a domain never stands in one, so no text can extend one into another.
    assert.match(domain, /^strongroom\/[a-z]+(-[a-z]+)*\/[1-9][0-9]*$/);
  }
});
