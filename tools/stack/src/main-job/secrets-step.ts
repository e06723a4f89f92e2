/** Step 2: an operator writes secrets, a pod's agent fetches them sealed into files with its own token. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StrongroomError } from '@strongroom/errors';
import type { StackInfo } from '../stack-info.ts';
import { type CommandLine, runProgram, unlessThere } from './command-line.ts';
import { expect } from './kms-step.ts';
import { type StepRow, timed, toRow } from './measurement.ts';
import { makeTokenIssuer } from './service-account.ts';

const agentMain = fileURLToPath(new URL('../../../../kubernetes/agent/src/main.ts', import.meta.url));
const account = { namespace: 'payments', serviceAccount: 'api' };
const fetches = 3;

export async function runSecretsStep(info: StackInfo, operator: CommandLine): Promise<StepRow[]> {
  const place = await mkdtemp(join(tmpdir(), 'strongroom-job-'));
  try {
    return await writeAndFetch(info, operator, place);
  } finally {
    await rm(place, { recursive: true });
  }
}

async function writeAndFetch(info: StackInfo, operator: CommandLine, place: string): Promise<StepRow[]> {
  // A cluster of its own each time: the issuer's key lives only as long as this run.
  const cluster = `job-${randomBytes(4).toString('hex')}`;
  const issuer = await makeTokenIssuer(`https://${cluster}.example`, 'strongroom-worker');
  const values = new Map([
    ['db-password', randomBytes(24).toString('base64url')],
    ['api-token', randomBytes(48).toString('base64url')],
  ]);
  const writeMs: number[] = [];
  for (const [name, value] of values) {
    await timed(writeMs, () => operator(['secret', 'write', name, '--kind', 'password'], Buffer.from(value)));
  }
  const jwksFile = join(place, 'jwks.json');
  await writeFile(jwksFile, JSON.stringify(issuer.jwks));
  await operator([
    ...['cluster', 'register', cluster, '--jwks', jwksFile],
    ...['--issuer', issuer.issuer, '--audience', issuer.audience],
  ]);
  const principal = `workload:${cluster}/${account.namespace}/${account.serviceAccount}`;
  await unlessThere(operator(['role', 'bind', principal, 'secret-reader', '--group', 'default']));

  const tokenFile = join(place, 'token');
  const secretsFile = join(place, 'secrets.json');
  const output = join(place, 'secrets');
  await writeFile(tokenFile, await issuer.issue({ ...account, pod: 'api-7c9d' }));
  await writeFile(
    secretsFile,
    JSON.stringify([...values.keys()].map((name) => ({ group: 'default', name, path: name }))),
  );
  const fetchMs: number[] = [];
  for (let fetched = 0; fetched < fetches; fetched += 1) {
    const { status, err } = await timed(fetchMs, () =>
      runProgram(agentMain, [], {
        STRONGROOM_AGENT_GATEWAY_URL: info.gatewayUrl,
        STRONGROOM_AGENT_CA_FILE: info.caFile,
        STRONGROOM_AGENT_IDENTITY_FINGERPRINT: info.identityFingerprint,
        STRONGROOM_AGENT_CLUSTER: cluster,
        STRONGROOM_AGENT_TOKEN_FILE: tokenFile,
        STRONGROOM_AGENT_SECRETS_FILE: secretsFile,
        STRONGROOM_AGENT_OUTPUT_DIRECTORY: output,
      }),
    );
    if (status !== 0)
      throw new StrongroomError('internal', { detail: `the agent ended with ${status}: ${err.trim()}` });
  }
  for (const [name, value] of values) {
    expect((await readFile(join(output, name), 'utf8')) === value, `${name} arrived changed`);
  }
  return [
    toRow('secret write', writeMs, 'by the command line, value on standard input'),
    toRow('secret fetch', fetchMs, `agent process start to end; ${values.size} files, contents equal`),
  ];
}
