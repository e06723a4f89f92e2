/** The command line and the KMS socket of a stack, as their users reach them. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Client, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const cliMain = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
const proto = fileURLToPath(
  new URL('../../../kubernetes/kms-plugin/src/inbound/kms-v2.proto', import.meta.url),
);

export interface CliAnswer {
  readonly exit: number;
  readonly out: string;
  /** Stable code of the error, if there was one. */
  readonly code: string;
}

export function runCli(profile: string, args: readonly string[]): Promise<CliAnswer> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cliMain, '--json', '--profile', profile, ...args],
      { env: {} },
      (fault, out, err) => {
        const last = err.trim().split('\n').at(-1) ?? '';
        const code = /"code":"([a-z-]+)"/.exec(last)?.[1] ?? (fault === null ? 'done' : `no code: ${last}`);
        resolve({ exit: fault === null ? 0 : Number(fault.code), out, code });
      },
    );
  });
}

type Unary = (
  request: object,
  options: object,
  done: (fault: { code: number; details: string } | null, answer: object) => void,
) => void;

/** Status number and text of a KMS v2 call; 0 when it succeeded. */
export function callKms(socket: string, method: 'Status' | 'Encrypt' | 'Decrypt', request: object = {}) {
  const loaded = loadPackageDefinition(loadSync(proto, { keepCase: true, defaults: true })) as unknown as {
    v2: { KeyManagementService: new (address: string, use: object, options: object) => Client };
  };
  const client = new loaded.v2.KeyManagementService(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  return new Promise<{ status: number; details: string; answer: Record<string, unknown> }>((resolve) => {
    const unary = (client as unknown as Record<string, Unary>)[method]?.bind(client);
    unary?.(request, { deadline: Date.now() + 8_000 }, (fault, answer) => {
      client.close();
      resolve({ status: fault?.code ?? 0, details: fault?.details ?? '', answer: { ...answer } });
    });
  });
}
