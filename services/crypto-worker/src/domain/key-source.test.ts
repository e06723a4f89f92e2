import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoveryUrl, keySetUrl, problemOfKeySource } from './key-source.ts';

const issuer = 'https://issuer.example/cluster-1';

test('the discovery document is below the issuer', () => {
  assert.equal(discoveryUrl(issuer), `${issuer}/.well-known/openid-configuration`);
  assert.equal(discoveryUrl(`${issuer}/`), `${issuer}/.well-known/openid-configuration`);
  for (const none of [
    'http://issuer.example',
    'kubernetes/serviceaccount',
    `${issuer}?a`,
    `${issuer}#a`,
    'https://a@b',
  ])
    assert.equal(discoveryUrl(none), undefined, none);
});

test('a document of another issuer, or one that leads to another host, leads nowhere', () => {
  const uri = 'https://issuer.example/keys';
  assert.equal(keySetUrl(issuer, { issuer, jwks_uri: uri }), uri);
  const refused = [
    { issuer: `${issuer}/`, jwks_uri: uri },
    { issuer },
    { jwks_uri: uri },
    { issuer, jwks_uri: 'https://issuer.example.evil/keys' },
    { issuer, jwks_uri: 'https://issuer.example:8443/keys' },
    { issuer, jwks_uri: 'http://issuer.example/keys' },
    { issuer, jwks_uri: 'https://user@issuer.example/keys' },
    { issuer, jwks_uri: '/keys' },
    { issuer, jwks_uri: 7 },
    null,
    [],
    'text',
  ];
  for (const document of refused)
    assert.equal(keySetUrl(issuer, document), undefined, JSON.stringify(document));
});

test('a source is told by the field that is wrong', () => {
  assert.equal(problemOfKeySource(issuer, {}), undefined);
  assert.equal(problemOfKeySource('kubernetes', {}), 'issuer');
  assert.equal(problemOfKeySource('kubernetes', { jwksUrl: 'https://10.0.0.1/keys' }), undefined);
  assert.equal(problemOfKeySource(issuer, { jwksUrl: 'https://' }), 'keySource/jwksUrl');
  assert.equal(problemOfKeySource(issuer, { jwksUrl: 'https://a:b@c/' }), 'keySource/jwksUrl');
  assert.equal(problemOfKeySource(issuer, { ca: 'nothing' }), 'keySource/ca');
});
