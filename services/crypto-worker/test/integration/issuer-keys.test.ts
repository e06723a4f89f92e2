/** The fetch of an issuer's keys against a real TLS server that does everything it should not. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { makeCertificate, makeTemporaryDirectory } from '@strongroom/testing';
import { HttpsIssuerKeys } from '../../src/outbound/issuer/https-issuer-keys.ts';

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const set = JSON.stringify({ keys: [{ ...jwk, kid: 'key-1', alg: 'ES256', use: 'sig' }] });
const addresses = ['127.0.0.1'];

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const json =
  (text: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.setHeader('content-type', 'application/json').writeHead(200, headers).end(text);

let server: Server;
let origin: string;
let ca: string;
let strangerCa: string;
let paths: string[] = [];
let answers: Record<string, Answer> = {};
const cleanUp: (() => Promise<void>)[] = [];

before(async () => {
  const directory = await makeTemporaryDirectory('issuer');
  cleanUp.push(directory.remove);
  const { certFile, keyFile } = await makeCertificate(directory.path, 'issuer');
  ca = await readFile(certFile, 'utf8');
  strangerCa = await readFile((await makeCertificate(directory.path, 'stranger')).certFile, 'utf8');
  server = createServer({ cert: ca, key: await readFile(keyFile) }, (request, response) => {
    paths.push(request.url ?? '');
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  for (const work of cleanUp) await work();
});
beforeEach(() => {
  paths = [];
  answers = { '/keys': json(set) };
});

const keys = new HttpsIssuerKeys({ msMax: 1_000 });
const source = (path = '/keys') => ({ jwksUrl: `${origin}${path}`, ca, addresses });

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const fault = await work.then(
    () => assert.fail('it was believed'),
    (error: unknown) => error,
  );
  assert.ok(isStrongroomError(fault) && fault.code === 'issuer-unavailable');
  assert.equal(fault.detail, undefined, 'what went wrong is for the operator alone');
  return String((fault.cause as Error).message);
}

test('keys come from the URL, or by the discovery document of the issuer', async () => {
  assert.deepEqual(
    (await keys.fetch('any', source())).map(({ kid }) => kid),
    ['key-1'],
  );
  answers['/c/.well-known/openid-configuration'] = json(
    JSON.stringify({ issuer: `${origin}/c`, jwks_uri: `${origin}/keys` }),
  );
  assert.equal((await keys.fetch(`${origin}/c`, { ca, addresses })).length, 1);
  assert.deepEqual(paths, ['/keys', '/c/.well-known/openid-configuration', '/keys']);
});

test('a discovery document that leads elsewhere is not followed', async () => {
  for (const document of [
    { issuer: `${origin}/other`, jwks_uri: `${origin}/keys` },
    { issuer: `${origin}/c`, jwks_uri: 'https://127.0.0.2/keys' },
  ]) {
    answers['/c/.well-known/openid-configuration'] = json(JSON.stringify(document));
    assert.match(await reasonOf(keys.fetch(`${origin}/c`, { ca, addresses })), /discovery/);
  }
  assert.ok(!paths.includes('/keys'));
});

test('no redirect is followed', async () => {
  answers['/moved'] = (_request, response) => response.writeHead(302, { location: `${origin}/keys` }).end();
  assert.match(await reasonOf(keys.fetch('any', source('/moved'))), /status 302/);
  assert.deepEqual(paths, ['/moved']);
});

test('a host under another authority, or of another name, is not asked', async () => {
  await reasonOf(keys.fetch('any', { ...source(), ca: strangerCa }));
  const { jwksUrl } = source();
  await reasonOf(keys.fetch('any', { jwksUrl, addresses }));
  const named = new HttpsIssuerKeys({ msMax: 1_000, resolve: async () => ['127.0.0.1'] });
  const elsewhere = jwksUrl.replace('127.0.0.1', 'issuer.example');
  assert.match(
    await reasonOf(named.fetch('any', { ...source(), jwksUrl: elsewhere })),
    /altname|certificate/i,
  );
  assert.deepEqual(paths, []);
});

test('an address that is not public is not connected to, unless it was registered', async () => {
  const { jwksUrl } = source();
  assert.match(await reasonOf(keys.fetch('any', { jwksUrl, ca })), /neither public nor registered/);
  const other = { jwksUrl, ca, addresses: ['127.0.0.2'] };
  assert.match(await reasonOf(keys.fetch('any', other)), /neither public nor registered/);
  const byName = { jwksUrl: 'https://metadata.example/keys', ca };
  for (const found of [['169.254.169.254'], ['8.8.8.8', '10.0.0.1'], ['::ffff:127.0.0.1'], []]) {
    const resolving = new HttpsIssuerKeys({ msMax: 1_000, resolve: async () => found });
    assert.match(await reasonOf(resolving.fetch('any', byName)), /address/);
  }
  assert.deepEqual(paths, []);
});

test('a name is looked up once, and that address is connected to', async () => {
  let lookups = 0;
  const rebinding = new HttpsIssuerKeys({
    msMax: 1_000,
    resolve: async () => [lookups++ === 0 ? '127.0.0.1' : '127.0.0.9'],
  });
  const jwksUrl = source().jwksUrl.replace('127.0.0.1', 'issuer.example');
  // The certificate is for the address, so TLS ends it: after a connection to the address that was checked.
  assert.match(await reasonOf(rebinding.fetch('any', { ...source(), jwksUrl })), /altname|certificate/i);
  assert.equal(lookups, 1);
});

test('64 KiB and the time are the most that an answer gets', async () => {
  const padded = `${set}${' '.repeat(65_536)}`;
  answers['/large'] = json(padded, { 'content-length': String(padded.length) });
  answers['/endless'] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const write = () => {
      while (!response.destroyed && response.write(' '.repeat(16_384)));
      response.once('drain', write);
    };
    write();
  };
  answers['/silent'] = () => undefined;
  answers['/dripping'] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{');
  };
  for (const path of ['/large', '/endless', '/silent', '/dripping']) {
    const begunMs = performance.now();
    await reasonOf(keys.fetch('any', source(path)));
    assert.ok(performance.now() - begunMs < 5_000, path);
  }
  const stuck = new HttpsIssuerKeys({ msMax: 100, resolve: () => new Promise(() => undefined) });
  await reasonOf(stuck.fetch('any', { ...source(), jwksUrl: 'https://slow.example/keys' }));
});

test('an answer that is no key set is not believed', async () => {
  answers['/html'] = (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(set);
  answers['/broken'] = json(`${set}x`);
  answers['/empty'] = json('{"keys":[]}');
  answers['/error'] = (_request, response) =>
    response.writeHead(500, { 'content-type': 'application/json' }).end(set);
  for (const path of ['/html', '/broken', '/empty', '/error', '/missing'])
    await reasonOf(keys.fetch('any', source(path)));
});
