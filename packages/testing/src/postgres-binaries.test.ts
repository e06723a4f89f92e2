import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readingCapability } from './postgres-binaries.ts';

test('the least capability that can be handed on is taken', () => {
  const status = (permitted: string) => `Name:\tnode\nCapInh:\t0000000000000000\nCapPrm:\t${permitted}\n`;
  assert.equal(readingCapability(status('000001ffffffffff')), 'dac_read_search');
  assert.equal(readingCapability(status('00000000a80425fb')), 'dac_override');
  assert.equal(readingCapability(status('0000000000000000')), undefined);
  assert.equal(readingCapability('Name:\tnode\n'), undefined);
});
