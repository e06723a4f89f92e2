/**
 * The command line as people use it: on a running stack every command does its work once, what others must agree to waits for
 * them, and the exit status says how it ended.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { cliMain, type Finished, runProgram, type Stack, startStack } from '@strongroom/stack';
import { eventually } from '../security/kit/deployment.ts';

const ended = { done: 0, usage: 2, denied: 4, pending: 5, object: 6, unavailable: 7 } as const;
const policy = 'two-of-three';
const triesMax = 5;
const approvers = 2;
type Shown = Record<string, unknown>;

interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly status?: number;
  readonly keyFile?: string;
}

class CommandLineOf {
  readonly stack: Stack;
  readonly folder: string;
  /** As the installed command has it: compiling is most of what a command does. */
  readonly #env: Readonly<Record<string, string>>;

  constructor(stack: Stack, folder: string) {
    this.stack = stack;
    this.folder = folder;
    this.#env = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** With the exit status that is wanted. What a busy stack refuses is asked anew, as the message says. */
  async run(
    args: readonly string[],
    { input, status = ended.done, keyFile }: RunOptions = {},
  ): Promise<Finished> {
    const common = ['--profile', this.stack.profile, ...(keyFile === undefined ? [] : ['--key', keyFile])];
    const bytes = input === undefined ? undefined : Buffer.from(input);
    for (let tried = 1; ; tried += 1) {
      const finished = await runProgram(cliMain, [...common, ...args], this.#env, bytes);
      if (finished.status === status) return finished;
      const isBusy = finished.status === ended.unavailable && tried < triesMax;
      assert.ok(isBusy, `strongroom ${args.join(' ')}: ${finished.status}, ${finished.err}${finished.out}`);
    }
  }

  /** What it shows to scripts. */
  async json(args: readonly string[], options: RunOptions = {}): Promise<Shown> {
    return JSON.parse((await this.run(['--json', ...args], options)).out) as Shown;
  }

  /** What waits for a quorum, gets it, and is carried out. Returns the id of the request. */
  async agreed(args: readonly string[], input?: string): Promise<Shown> {
    const options = { status: ended.pending, ...(input === undefined ? {} : { input }) };
    const pending = await this.json(args, options);
    const proposal = String(pending['proposal']);
    assert.equal((await this.json(['proposal', 'show', proposal]))['state'], 'pending');
    for (const keyFile of this.stack.info.approverKeyFiles.slice(0, approvers))
      await this.json(['proposal', 'approve', proposal, '--comment', 'agreed'], { keyFile });
    await eventually(`${args.join(' ')} is carried out`, 15_000, async () => {
      const { state } = await this.json(['proposal', 'show', proposal]);
      return state === 'executed' ? true : undefined;
    });
    return pending;
  }
}

const names = (shown: Shown, field = 'name') => (shown['items'] as Shown[]).map((item) => item[field]);

test('every command of the command line does its work on a running stack', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sr-'));
  const stack = await startStack({ home: join(folder, 'home') });
  context.after(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const line = new CommandLineOf(stack, folder);

  await context.test('status, and what is no command', async () => {
    assert.ok('registrySequence' in (await line.json(['status'])));
    assert.match((await line.run(['status'])).out, /registrySequence/);
    await line.run(['key', 'melt'], { status: ended.usage });
    await line.run(['key', 'describe', 'nobody-made-it'], { status: ended.object });
    await line.run(['key', 'create', 'Not A Name', '--purpose', 'data'], { status: ended.usage });
  });
  await context.test('keys', () => keys(line));
  await context.test('keys that move', () => movingKeys(line));
  await context.test('crypto', () => crypto(line));
  await context.test('secrets', () => secrets(line));
  await context.test('groups', () => groups(line));
  await context.test('people, programs and clusters', () => people(line));
  await context.test('the log', () => log(line, stack));
  await context.test('reports', () => reports(line));
});

async function keys(line: CommandLineOf): Promise<void> {
  await line.json(['key', 'create', 'data', '--purpose', 'data', '--label', 'team=pay', '--pre-active']);
  await line.json(['key', 'activate', 'data']);
  await line.json(['key', 'update', 'data', '--rotation-days', '30']);
  await line.json(['key', 'rotate', 'data']);
  assert.equal((await line.json(['key', 'describe', 'data']))['currentVersion'], 2);
  assert.equal(((await line.json(['key', 'versions', 'data']))['items'] as unknown[]).length, 2);
  assert.ok(names(await line.json(['key', 'list'])).includes('data'));
  await line.json(['key', 'check-value', 'data']);
  await line.json(['key', 'create', 'old', '--purpose', 'data']);
  for (const verb of ['suspend', 'resume', 'deactivate', 'mark-compromised'])
    await line.json(['key', verb, 'old']);
  await line.json(['key', 'schedule-destruction', 'old', '--after-days', '7']);
  await line.json(['key', 'cancel-destruction', 'old']);
  await line.json(['key', 'create', 'signing', '--purpose', 'signing', '--type', 'ec-p256']);
  assert.match((await line.run(['key', 'public-key', 'signing', '--pem'])).out, /BEGIN PUBLIC KEY/);
  const attestation = await line.run(['--json', 'key', 'attest', 'signing']);
  await writeFile(line.file('attestation.json'), attestation.out);
  const trust = ['--identity-fingerprint', line.stack.info.identityFingerprint];
  await line.json(['key', 'attest', '--verify', line.file('attestation.json'), ...trust]);
}

async function movingKeys(line: CommandLineOf): Promise<void> {
  const imported = ['key', 'import', 'imported', '--purpose', 'data', '--type', 'aes-256'];
  await line.json([...imported, '--file', await fileOf(line, 'material', randomBytes(32))]);
  await line.json(['key', 'create', 'envelope', '--purpose', 'wrapping']);
  const exportable = ['key', 'create', 'moving', '--purpose', 'data', '--policy', policy, '--exportable'];
  await line.agreed(exportable);
  const exported = await line.agreed(['key', 'export', 'moving', '--wrapping-key', 'envelope']);
  const again = ['--wrapping-key', 'envelope', '--request-id', String(exported['proposal'])];
  assert.ok('wrapped' in (await line.json(['key', 'export', 'moving', ...again])));
  const recovery = generateKeyPairSync('rsa', { modulusLength: 3_072 });
  const publicFile = await fileOf(line, 'r.pub', recovery.publicKey.export({ format: 'pem', type: 'spki' }));
  const privateFile = await fileOf(
    line,
    'r.pem',
    recovery.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  );
  const backup = ['key', 'backup', 'moving', '--recovery-key', publicFile, '--out', line.file('backup')];
  const waiting = await line.agreed(backup);
  await line.json([...backup, '--request-id', String(waiting['proposal'])]);
  const restore = ['key', 'restore', line.file('backup'), '--recovery-key', privateFile, '--policy', policy];
  // The key is still there, and a backup never takes the place of one.
  await line.run(restore, { status: ended.object });
}

async function crypto(line: CommandLineOf): Promise<void> {
  await line.json(['key', 'create', 'mac', '--purpose', 'mac', '--type', 'hmac-sha256']);
  // Keys are used by programs; people hold them.
  const keyFile = line.file('tool.key');
  await line.json(['principal', 'make-key', 'app:tool', '--key-file', keyFile]);
  await line.json(['principal', 'enrol', 'app:tool', '--key-file', keyFile]);
  await line.run(['crypto', 'encrypt', 'data'], { input: 'x', keyFile, status: ended.denied });
  await line.json(['role', 'bind', 'app:tool', 'crypto-user']);
  const tool = (args: readonly string[], input: string | Uint8Array, status: number = ended.done) =>
    line.run(['--json', 'crypto', ...args], { input, keyFile, status });
  const { ciphertext } = JSON.parse((await tool(['encrypt', 'data'], 'plain words')).out);
  assert.match(ciphertext, /^sr1\./);
  assert.equal((await tool(['decrypt', 'data'], ciphertext)).out, 'plain words');
  await tool(['rewrap', 'data'], ciphertext);
  await tool(['data-key', 'data', '--out', line.file('data-key')], '');
  assert.equal((await readFile(line.file('data-key'))).length, 32);
  await tool(['random', '48', '--out', line.file('random-octets')], '');
  const material = randomBytes(32);
  const { wrapped } = JSON.parse((await tool(['wrap', 'envelope'], material)).out);
  await tool(['unwrap', 'envelope', '--out', line.file('unwrapped')], wrapped);
  assert.deepEqual(await readFile(line.file('unwrapped')), material);
  const ecdsa = ['--mechanism', 'ecdsa-sha256', '--encoding', 'der'];
  const signature = line.file('signature');
  await tool(['sign', 'signing', ...ecdsa, '--out', signature], 'message');
  const verify = ['verify', 'signing', ...ecdsa, '--signature', signature];
  await tool(verify, 'message');
  await tool(verify, 'another', ended.object);
  await tool(['mac', 'mac', '--out', line.file('mac')], 'message');
  await tool(['verify-mac', 'mac', '--mac', line.file('mac')], 'message');
  const items = ['NDI', 'NDM', 'NDQ'].map((plaintext) => ({ key: 'data', plaintext }));
  await tool(['batch', 'encrypt', '--out', line.file('batch')], JSON.stringify(items));
  await line.json(['crypto', 'prove', line.file('batch'), '--item', '2', '--out', line.file('item-proof')]);
  const proven = await line.json(['audit', 'verify-item', line.file('item-proof')]);
  assert.deepEqual([proven['verdict'], proven['actor'], proven['item']], ['proven', 'app:tool', '2 of 3']);
}

async function secrets(line: CommandLineOf): Promise<void> {
  await line.json(['secret', 'write', 'shop', '--kind', 'password'], { input: 'correct horse' });
  assert.equal((await line.run(['secret', 'read', 'shop'])).out, 'correct horse');
  await line.json(['secret', 'update', 'shop', '--label', 'team=pay', '--keep', '5', '--expires-at', '90d']);
  await line.json(['secret', 'generate', 'shop', '--length', '24']);
  assert.equal((await line.json(['secret', 'describe', 'shop']))['currentVersion'], 2);
  for (const verb of ['delete', 'undelete', 'destroy'])
    await line.json(['secret', verb, 'shop', '--version', '1']);
  const request = await line.json([
    'secret',
    'generate',
    'tls-key',
    '--recipe',
    'x509',
    '--common-name',
    'shop',
  ]);
  const chain = await selfSigned(line, String(request['signingRequest']));
  await line.json(['secret', 'install-certificate', 'tls', '--key-secret', 'tls-key', '--chain', chain]);
  assert.ok(names(await line.json(['secret', 'list'])).includes('tls'));
  assert.match((await line.run(['secret', 'list'])).out, /shop/);
}

async function groups(line: CommandLineOf): Promise<void> {
  await line.json(['group', 'create', 'team']);
  await line.json(['secret', 'write', 'theirs', '--group', 'team'], { input: 'x' });
  await line.json(['group', 'rotate', 'team']);
  // A writer may still be at work under the former one; that takes a minute to be sure of.
  await line.run(['group', 'destroy-former-keks', 'team'], { status: ended.object });
  assert.ok(names(await line.json(['group', 'list']), 'group').includes('team'));
}

async function people(line: CommandLineOf): Promise<void> {
  const keyFile = line.file('carol.key');
  await line.json(['principal', 'make-key', 'user:carol', '--key-file', keyFile]);
  await line.json(['principal', 'enrol', 'user:carol', '--key-file', keyFile]);
  await line.run(['secret', 'read', 'shop'], { status: ended.denied, keyFile });
  await line.json(['role', 'bind', 'user:carol', 'secret-reader', '--group', 'default', '--name', 'carol']);
  await line.run(['secret', 'read', 'shop'], { keyFile });
  await line.json(['role', 'bindings']);
  await line.json(['role', 'list']);
  await line.json(['role', 'unbind', 'carol']);
  await line.run(['secret', 'read', 'shop'], { status: ended.denied, keyFile });
  await line.json(['principal', 'describe', 'user:carol']);
  await line.json(['principal', 'list']);
  await line.json(['principal', 'disable', 'user:carol']);
  await line.agreed(['principal', 'erase', 'user:carol', '--policy', policy, '--ground', 'asked for']);
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' };
  const jwks = await fileOf(line, 'jwks.json', JSON.stringify({ keys: [jwk] }));
  const issuer = ['--issuer', 'https://issuer.example', '--jwks', jwks];
  await line.json(['cluster', 'register', 'blue', ...issuer, '--audience', 'strongroom']);
  for (const verb of ['describe', 'disable']) await line.json(['cluster', verb, 'blue']);
  await line.json(['cluster', 'list']);
  const origin = ['--client-id', 'strongroom', '--passkey-origin', 'https://sign-in.example'];
  await line.json(['sso', 'register', 'corporate', ...issuer, ...origin]);
  for (const verb of ['describe', 'disable']) await line.json(['sso', verb, 'corporate']);
  await line.json(['sso', 'list']);
  const denied = await line.json(
    ['key', 'create', 'never', '--purpose', 'data', '--policy', policy, '--exportable'],
    {
      status: ended.pending,
    },
  );
  await line.json(['proposal', 'list', '--state', 'pending']);
  const [, , third] = [...(await approverKeys(line))];
  await line.json(['proposal', 'deny', String(denied['proposal']), '--comment', 'no'], {
    keyFile: third ?? '',
  });
}

async function log(line: CommandLineOf, stack: Stack): Promise<void> {
  const filter = 'secret:default/shop AND outcome:done';
  const page = await line.json(['audit', 'query', filter, '--limit', '2']);
  await line.json(['audit', 'query', '--of-key', 'default/data']);
  assert.equal((page['items'] as unknown[]).length, 2);
  await line.json(['audit', 'count', '--by', 'operation']);
  const bundle = line.file('bundle');
  await line.json(['audit', 'export', '--actor', 'user:carol', '--prove', '--out', bundle]);
  await line.json(['audit', 'verify', bundle, '--identity-fingerprint', stack.info.identityFingerprint]);
  const live = ['audit', 'verify', '--live', line.file('kept')];
  // What is kept the first time is held against the log the second time.
  for (const _ of [1, 2]) assert.equal((await line.json(live))['verdict'], 'consistent');
  const proven = await line.json(['audit', 'query', '--actor', 'user:carol', '--prove', '--limit', '3']);
  assert.ok((proven['items'] as unknown[]).length > 0);
  const batches = line.file('batches');
  await line.json(['audit', 'export', '--operation', 'crypto.encrypt-many', '--out', batches]);
  const item = ['audit', 'verify-item', line.file('item-proof'), '--bundle', batches];
  const trusted = ['--identity-fingerprint', stack.info.identityFingerprint];
  assert.equal((await line.json([...item, ...trusted]))['verdict'], 'proven');
  const plain = await runProgram(
    join(import.meta.dirname, '../../apps/cli/bin/verify-bundle.mjs'),
    [bundle, stack.info.identityFingerprint],
    {},
  );
  assert.equal(plain.status, 0, plain.err);
  for (const format of ['ocsf', 'csv']) {
    const out = line.file(format);
    await line.json(['audit', 'export', '--format', format, '--operation', 'key.create', '--out', out]);
    assert.match(await readFile(out, 'utf8'), /key\.create/);
  }
  // As an export leaves it that was interrupted before its first page was written.
  const begun = { format: 'csv', filter: { operation: 'key.create' }, prove: false, bytes: 0, entries: 0 };
  const resumed = await fileOf(line, 'resumed', 'half a');
  await fileOf(line, 'resumed.resume', JSON.stringify(begun));
  await line.json(['audit', 'export', '--resume', '--out', resumed]);
  assert.equal(await readFile(resumed, 'utf8'), await readFile(line.file('csv'), 'utf8'));
  const plan = await line.json(['audit', 'retention', 'plan', '--days', '30']);
  assert.deepEqual([plan['heldFrom'], plan['wouldHoldFrom']], [0, 0]);
  await line.agreed(['audit', 'retention', 'set', '--days', '400', '--policy', policy]);
  await line.agreed(['audit', 'sink', 'put', 'siem', '--file', '--policy', policy]);
  assert.ok(names(await line.json(['audit', 'sink', 'list'])).includes('siem'));
  await line.agreed(['audit', 'sink', 'remove', 'siem']);
}

async function reports(line: CommandLineOf): Promise<void> {
  await line.json(['audit', 'report', 'secret-access', '--secret', 'default/shop']);
  await line.json(['audit', 'report', 'key-uses', '--of-key', 'default/data']);
  for (const report of ['access-changes', 'approvals', 'overdue-keys', 'unused-access']) {
    await line.json(['audit', 'report', report]);
    await line.run(['audit', 'report', report]);
  }
}

async function fileOf(line: CommandLineOf, name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(line.file(name), content, { mode: 0o600 });
  return line.file(name);
}

async function approverKeys(line: CommandLineOf): Promise<readonly string[]> {
  const info = JSON.parse(await readFile(line.file('home/stack.json'), 'utf8')) as {
    approverKeyFiles: string[];
  };
  return info.approverKeyFiles;
}

/** A certificate for the request, by an authority that is made for it. */
async function selfSigned(line: CommandLineOf, request: string): Promise<string> {
  const [csr, key, ca, leaf] = ['csr.pem', 'ca.key', 'ca.pem', 'leaf.pem'].map((name) => line.file(name));
  await writeFile(csr as string, request);
  const openssl = (...args: readonly (string | undefined)[]) =>
    promisify(execFile)('openssl', args as string[]);
  const authority = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=authority',
  ];
  await openssl('req', '-x509', ...authority, '-keyout', key, '-out', ca, '-days', '2');
  await openssl(
    'x509',
    '-req',
    '-in',
    csr,
    '-CA',
    ca,
    '-CAkey',
    key,
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    leaf,
  );
  return fileOf(
    line,
    'chain.pem',
    `${await readFile(leaf as string, 'utf8')}${await readFile(ca as string, 'utf8')}`,
  );
}
