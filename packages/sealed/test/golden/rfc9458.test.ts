import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decapsulateRequest, encapsulateRequest } from '../../src/oblivious.ts';
import { deterministicSuite, hex, unhex, x25519Keys } from './deterministic-suite.ts';

const vector = JSON.parse(readFileSync(new URL('./rfc9458.json', import.meta.url), 'utf8')) as {
  readonly keyId: number;
  readonly skR: string;
  readonly keyConfiguration: string;
  readonly skE: string;
  readonly request: string;
  readonly encapsulatedRequest: string;
  readonly response: string;
  readonly exportedSecret: string;
  readonly responseNonce: string;
  readonly encapsulatedResponse: string;
};
const none = new Uint8Array();
const labels = { request: 'message/bhttp request', response: 'message/bhttp response' };

async function setup() {
  const suite = deterministicSuite('aes-128-gcm', await x25519Keys(vector.skE));
  return { protocol: { suite, labels }, keys: await x25519Keys(vector.skR) };
}

test('the example of RFC 9458 appendix A, client side', async () => {
  const { protocol, keys } = await setup();
  const configuredKey = vector.keyConfiguration.slice(6, 6 + 64);
  assert.equal(hex(await protocol.suite.cipher.SerializePublicKey(keys.publicKey)), configuredKey);
  const exchange = await encapsulateRequest(protocol, vector.keyId, keys.publicKey, unhex(vector.request));
  assert.equal(hex(exchange.encapsulated), vector.encapsulatedRequest);
  assert.equal(hex(await exchange.exportSecret(labels.response, 16)), vector.exportedSecret);
  assert.equal(hex(await exchange.openResponse(unhex(vector.encapsulatedResponse), none)), vector.response);
});

test('the example of RFC 9458 appendix A, gateway side', async () => {
  const { protocol, keys } = await setup();
  const sent = unhex(vector.encapsulatedRequest);
  const exchange = await decapsulateRequest(protocol, vector.keyId, keys, sent);
  assert.equal(hex(exchange.request), vector.request);
  const sealed = exchange.sealResponse(unhex(vector.response), none, unhex(vector.responseNonce));
  assert.equal(hex(sealed), vector.encapsulatedResponse);
});

test('two answers to one request share no key', async () => {
  const { protocol, keys } = await setup();
  const exchange = await decapsulateRequest(protocol, vector.keyId, keys, unhex(vector.encapsulatedRequest));
  const [first, second] = [1, 2].map(() => hex(exchange.sealResponse(unhex(vector.response), none)));
  assert.notEqual(first?.slice(0, 32), second?.slice(0, 32));
  assert.notEqual(first?.slice(32), second?.slice(32));
});
