/** The plugin's socket, called by a stock gRPC client of the published proto; the KEK behind it is played. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { makeRefreshStatus } from '../../src/app/refresh-status.ts';
import { makeUnwrapSeed } from '../../src/app/unwrap-seed.ts';
import { makeWrapSeed } from '../../src/app/wrap-seed.ts';
import { ProviderStatus } from '../../src/domain/provider-status.ts';
import { makeGrpcServer } from '../../src/inbound/grpc-server.ts';
import { loadKmsV2Definition, makeKmsV2Handlers } from '../../src/inbound/kms-v2.ts';
import type { KeyService } from '../../src/ports/key-service.ts';

const seed = Buffer.alloc(32, 3);
const uid = 'u1';

function fakeKeys() {
  const state = { keyId: 'k1', version: 1, failure: undefined as ErrorCode | undefined, unwraps: 0 };
  const check = () => {
    if (state.failure !== undefined) throw new StrongroomError(state.failure);
  };
  const keys: KeyService = {
    describe: async () => {
      check();
      return { keyId: state.keyId, version: state.version };
    },
    wrap: async (keyId, plaintext) => {
      check();
      return { keyId, version: state.version, ciphertext: Buffer.concat([Buffer.from(keyId), plaintext]) };
    },
    unwrap: async (keyId, ciphertext) => {
      state.unwraps += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      check();
      return ciphertext.subarray(keyId.length);
    },
  };
  return { state, keys };
}

async function startPlugin(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'kms-'));
  context.after(() => rm(directory, { recursive: true }));
  const socket = join(directory, 'kms.sock');
  const { state, keys } = fakeKeys();
  const status = new ProviderStatus(60_000);
  const nowMs = Date.now;
  const refresh = makeRefreshStatus({ keys, status, deadlineMs: 1_000, nowMs });
  await refresh();
  const handlers = makeKmsV2Handlers({
    status,
    wrapSeed: makeWrapSeed({ keys, status }),
    unwrapSeed: makeUnwrapSeed({ keys }),
    deadlineMsMax: 3_000,
    nowMs,
    reportFault: () => undefined,
  });
  const definition = loadKmsV2Definition();
  const server = makeGrpcServer(socket, definition, handlers);
  await server.start();
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  context.after(async () => {
    client.close();
    await server.stop();
  });
  const call = (method: 'Status' | 'Encrypt' | 'Decrypt', request: object) =>
    new Promise<{ status: number; details: string; answer: Record<string, unknown> }>((resolve) => {
      const row = definition[method];
      if (row === undefined) throw new TypeError(method);
      client.makeUnaryRequest(
        row.path,
        row.requestSerialize,
        row.responseDeserialize,
        request,
        (fault, answer) =>
          resolve({
            status: fault?.code ?? 0,
            details: fault?.details ?? '',
            answer: { ...(answer as object) },
          }),
      );
    });
  return { socket, state, refresh, call, handlers, definition };
}

test('status, wrap and unwrap over the socket, with the version beside each seed', async (context) => {
  const { call } = await startPlugin(context);
  assert.deepEqual((await call('Status', {})).answer, { version: 'v2', healthz: 'ok', key_id: 'k1' });
  const { answer } = await call('Encrypt', { plaintext: seed, uid });
  assert.equal(answer['key_id'], 'k1');
  const annotations = answer['annotations'] as Record<string, Buffer>;
  assert.equal(annotations['key-version.strongroom.dev']?.toString(), '1');
  const opened = await call('Decrypt', { ...answer, uid });
  assert.deepEqual(opened.answer['plaintext'], seed);
});

test('parallel readers of one seed share one unwrap', async (context) => {
  const { call, state } = await startPlugin(context);
  const { answer } = await call('Encrypt', { plaintext: seed, uid });
  const before = state.unwraps;
  const opened = await Promise.all(Array.from({ length: 20 }, () => call('Decrypt', { ...answer, uid })));
  assert.ok(opened.every(({ answer: { plaintext } }) => seed.equals(plaintext as Buffer)));
  assert.equal(state.unwraps, before + 1);
});

test('limits are held before the key is asked, in both directions', async (context) => {
  const { call } = await startPlugin(context);
  const invalidArgument = 3;
  for (const request of [
    { ciphertext: Buffer.alloc(1_025), key_id: 'k1', uid },
    { ciphertext: Buffer.alloc(0), key_id: 'k1', uid },
    { ciphertext: Buffer.alloc(1), key_id: '', uid },
    { ciphertext: Buffer.alloc(1), key_id: 'k1', uid, annotations: { 'a/b': Buffer.alloc(1) } },
  ]) {
    const { status, details } = await call('Decrypt', request);
    assert.equal(status, invalidArgument);
    assert.match(details, /^request-invalid:/);
  }
  const dataLoss = 15;
  assert.equal(
    (await call('Encrypt', { plaintext: Buffer.alloc(1_024), uid })).status,
    dataLoss,
    'an answer over 1,024 bytes',
  );
});

test('key_id changes once, after wrap and unwrap under it were proven', async (context) => {
  const { call, state, refresh } = await startPlugin(context);
  Object.assign(state, { keyId: 'k2', version: 2 });
  assert.equal(
    (await call('Encrypt', { plaintext: seed, uid })).answer['key_id'],
    'k1',
    'Encrypt agrees with Status',
  );
  assert.equal((await call('Status', {})).answer['key_id'], 'k1');
  await refresh();
  assert.equal((await call('Status', {})).answer['key_id'], 'k2');
  assert.equal((await call('Encrypt', { plaintext: seed, uid })).answer['key_id'], 'k2');
});

test('an outage keeps the status, a withdrawal ends it with a coded error', async (context) => {
  const { call, state, refresh } = await startPlugin(context);
  state.failure = 'hsm-unavailable';
  await refresh();
  assert.equal((await call('Status', {})).answer['healthz'], 'ok');
  const unavailable = 14;
  assert.equal((await call('Encrypt', { plaintext: seed, uid })).status, unavailable);
  state.failure = 'key-suspended';
  await refresh();
  const { status, details } = await call('Status', {});
  assert.equal(status, 9);
  assert.match(details, /^key-suspended:/);
});

test('the socket is the owner’s alone; a dead one is replaced, a live one and a file are not', async (context) => {
  const { socket, handlers, definition } = await startPlugin(context);
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
  const refusal = async (path: string) => {
    try {
      await makeGrpcServer(path, definition, handlers).start();
      return 'started';
    } catch (fault) {
      return isStrongroomError(fault) ? `${fault.code}: ${fault.detail}` : String(fault);
    }
  };
  assert.match(await refusal(socket), /another process serves this socket/);

  const directory = await mkdtemp(join(tmpdir(), 'kms-'));
  context.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'file');
  await writeFile(file, 'x');
  assert.match(await refusal(file), /not a socket/);

  const dead = join(directory, 'dead.sock');
  const listener = createServer().listen(dead);
  await once(listener, 'listening');
  // As a crash leaves it: closed by the process, still in the file system.
  await rename(dead, `${dead}.kept`);
  listener.close();
  await once(listener, 'close');
  await rename(`${dead}.kept`, dead);
  const replacing = makeGrpcServer(dead, definition, handlers);
  await replacing.start();
  await replacing.stop();

  await chmod(directory, 0o777);
  assert.match(await refusal(join(directory, 'new.sock')), /writable for everybody/);
});

test('arbitrary bytes in the place of a message are refused with a code, and the plugin serves on', async (context) => {
  const { socket, call, definition } = await startPlugin(context);
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  context.after(() => client.close());
  const sendBytes = (method: 'Status' | 'Encrypt' | 'Decrypt', bytes: Uint8Array) =>
    new Promise<number>((resolve) => {
      const path = definition[method]?.path ?? '';
      const options = { deadline: Date.now() + 3_000 };
      client.makeUnaryRequest(
        path,
        Buffer.from,
        (answer) => answer,
        bytes,
        options,
        (fault) => resolve(fault?.code ?? 0),
      );
    });
  const timedOut = 4;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('Status' as const, 'Encrypt' as const, 'Decrypt' as const),
      fc.uint8Array({ maxLength: 400 }),
      async (method, bytes) => {
        assert.notEqual(await sendBytes(method, bytes), timedOut);
      },
    ),
    { numRuns: 150 },
  );
  // Groups nested deep enough to exhaust a recursive decoder (CVE-2026-44289).
  for (const depth of [100, 20_000])
    assert.notEqual(await sendBytes('Decrypt', Buffer.alloc(depth, 0x2b)), timedOut);
  assert.equal((await call('Encrypt', { plaintext: seed, uid })).status, 0);
});
