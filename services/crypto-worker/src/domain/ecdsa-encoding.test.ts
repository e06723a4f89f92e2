import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSign, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { derFromJose, joseFromDer } from './ecdsa-encoding.ts';

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const half = (orderBytes: number) =>
  fc.oneof(
    fc.uint8Array({ minLength: orderBytes, maxLength: orderBytes }),
    // Small numbers, and those around the sign: where the lengths of DER change.
    fc
      .tuple(fc.nat(orderBytes), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))
      .map(([at, octet]) =>
        Uint8Array.from({ length: orderBytes }, (_, place) => (place === at ? octet : 0)),
      ),
  );

for (const orderBytes of [32, 48]) {
  test(`a signature of ${orderBytes} octets a number comes back from DER, and OpenSSL reads the same numbers`, () => {
    fc.assert(
      fc.property(half(orderBytes), half(orderBytes), (r, s) => {
        const jose = Buffer.concat([r, s]);
        assert.equal(hex(joseFromDer(derFromJose(jose), orderBytes)), hex(jose));
      }),
    );
    const jose = Buffer.alloc(2 * orderBytes, 0x9c);
    jose.fill(0, orderBytes, orderBytes + 3);
    const dump = execFileSync('openssl', ['asn1parse', '-inform', 'DER'], {
      input: derFromJose(jose),
    }).toString();
    const numbers = [...dump.matchAll(/INTEGER\s+:([0-9A-F]+)/g)].map(([, digits]) => digits?.toLowerCase());
    assert.deepEqual(numbers, ['9c'.repeat(orderBytes), '9c'.repeat(orderBytes - 3)]);
  });
}

test('what node:crypto makes in one form is what it makes in the other', () => {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  for (let count = 0; count < 50; count += 1) {
    const der = createSign('sha384').update('x').sign(key);
    assert.equal(hex(derFromJose(joseFromDer(der, 48) as Uint8Array)), hex(der));
    const jose = sign('sha384', Buffer.from('x'), { key, dsaEncoding: 'ieee-p1363' });
    assert.equal(hex(joseFromDer(derFromJose(jose), 48)), hex(jose));
  }
});

test('any bytes are the one DER of a signature or none', () => {
  const near = fc
    .tuple(half(32), half(32), fc.nat(80), fc.nat(255), fc.nat(2))
    .map(([r, s, at, octet, cut]) => {
      const der = Buffer.from(derFromJose(Buffer.concat([r, s])));
      der[at % der.length] = octet;
      return der.subarray(0, der.length - cut);
    });
  fc.assert(
    fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 80 })), (bytes) => {
      const jose = joseFromDer(bytes, 32);
      if (jose !== undefined) assert.equal(hex(derFromJose(jose)), hex(bytes));
    }),
    { numRuns: 3_000 },
  );
});

test('other spellings of a signature are refused', () => {
  const [one, two] = ['020101', '020102'];
  assert.ok(joseFromDer(Buffer.from(`3006${one}${two}`, 'hex'), 32));
  for (const text of [
    '',
    '30',
    '3000',
    `3106${one}${two}`,
    `3007${one}${two}`,
    `3006${one}${two}00`,
    `3009${one}${two}020103`,
    `3006${one}030102`,
    `308106${one}${two}`,
    `3080${one}${two}0000`,
    `300702020001${two}`,
    `30050200${two}`,
    `3006020181${two}`,
    `3027022201${'00'.repeat(33)}${two}`,
  ]) {
    assert.equal(joseFromDer(Buffer.from(text, 'hex'), 32), undefined, text);
  }
});
