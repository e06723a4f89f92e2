/** A stock gRPC client of the published KMS v2 proto, as kube-apiserver is one. */

import { fileURLToPath } from 'node:url';
import { type ChannelCredentials, type Client, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface KmsStatus {
  readonly version: string;
  readonly healthz: string;
  readonly key_id: string;
}
export interface WrappedSeed {
  readonly ciphertext: Buffer;
  readonly key_id: string;
  readonly annotations: Readonly<Record<string, Buffer>>;
}

export interface KmsClient {
  status(): Promise<KmsStatus>;
  encrypt(plaintext: Uint8Array, uid: string): Promise<WrappedSeed>;
  decrypt(seed: WrappedSeed, uid: string): Promise<Buffer>;
  close(): void;
}

const proto = fileURLToPath(new URL('./kms-v2.proto', import.meta.url));
/** kube-apiserver's default time-out of a call. */
const deadlineMs = 3_000;

type Unary = (request: object, options: object, done: (fault: Error | null, answer: never) => void) => void;

export function connectKms(socket: string): KmsClient {
  const loaded = loadPackageDefinition(loadSync(proto, { keepCase: true, defaults: true })) as unknown as {
    v2: { KeyManagementService: new (address: string, use: ChannelCredentials, options: object) => Client };
  };
  const client = new loaded.v2.KeyManagementService(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  });
  const call = <T>(method: 'Status' | 'Encrypt' | 'Decrypt', request: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const unary = (client as unknown as Record<string, Unary>)[method]?.bind(client);
      unary?.(request, { deadline: Date.now() + deadlineMs }, (fault, answer) =>
        fault ? reject(fault) : resolve(answer as T),
      );
    });
  return {
    status: () => call('Status', {}),
    encrypt: (plaintext, uid) => call('Encrypt', { plaintext, uid }),
    async decrypt({ ciphertext, key_id, annotations }, uid) {
      return (await call<{ plaintext: Buffer }>('Decrypt', { ciphertext, key_id, annotations, uid }))
        .plaintext;
    },
    close: () => client.close(),
  };
}
