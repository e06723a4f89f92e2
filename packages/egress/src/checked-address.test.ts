import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerLookup, checkedAddress } from './checked-address.ts';

test('the address of a host is the first that it has, if all of them may be connected to', async () => {
  assert.equal(await checkedAddress('siem.example', [], async () => ['8.8.8.8', '8.8.4.4']), '8.8.8.8');
  assert.equal(await checkedAddress('siem.example', ['10.0.0.1'], async () => ['10.0.0.1']), '10.0.0.1');
  assert.equal(
    await checkedAddress('8.8.8.8', [], () => assert.fail('an address is not looked up')),
    '8.8.8.8',
  );
});

test('a host with one address that may not be connected to is refused, and one without any', async () => {
  for (const found of [['8.8.8.8', '127.0.0.1'], ['169.254.169.254'], []])
    await assert.rejects(
      checkedAddress('siem.example', [], async () => found),
      TypeError,
      JSON.stringify(found),
    );
  await assert.rejects(checkedAddress('127.0.0.1', []), TypeError);
});

test('a look-up is answered in the form that was asked for', () => {
  answerLookup('10.0.0.1', {}, (_, found, family) => assert.deepEqual([found, family], ['10.0.0.1', 4]));
  answerLookup('fd00::1', { all: true }, (_, found) =>
    assert.deepEqual(found, [{ address: 'fd00::1', family: 6 }]),
  );
});
