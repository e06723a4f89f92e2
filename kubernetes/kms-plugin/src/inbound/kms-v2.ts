/** KMS v2 over gRPC: decodes, checks the limits, maps codes to gRPC status. `Status` answers from memory. */

import { fileURLToPath } from 'node:url';
import {
  type handleUnaryCall,
  loadPackageDefinition,
  type Metadata,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { errorCatalogue, StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { makeUnwrapSeed } from '../app/unwrap-seed.ts';
import type { makeWrapSeed } from '../app/wrap-seed.ts';
import { type Annotations, checkDecryptRequest, checkEncryptRequest } from '../domain/kms-limits.ts';
import type { ProviderStatus } from '../domain/provider-status.ts';

export interface KmsV2Options {
  readonly status: ProviderStatus;
  readonly wrapSeed: ReturnType<typeof makeWrapSeed>;
  readonly unwrapSeed: ReturnType<typeof makeUnwrapSeed>;
  /** Used where the caller sent no deadline, and as the longest. */
  readonly deadlineMsMax: number;
  readonly nowMs: () => number;
  readonly reportFault: (call: string, error: StrongroomError) => void;
}

interface EncryptRequest {
  readonly plaintext: Buffer;
  readonly uid: string;
}
interface DecryptRequest {
  readonly ciphertext: Buffer;
  readonly uid: string;
  readonly key_id: string;
  readonly annotations: Annotations;
}

const protoFile = fileURLToPath(new URL('./kms-v2.proto', import.meta.url));

export function loadKmsV2Definition(): ServiceDefinition {
  const definition = loadSync(protoFile, { keepCase: true, defaults: true, longs: Number });
  const loaded = loadPackageDefinition(definition) as unknown as {
    v2: { KeyManagementService: { service: ServiceDefinition } };
  };
  return loaded.v2.KeyManagementService.service;
}

export function makeKmsV2Handlers(options: KmsV2Options) {
  const { status, wrapSeed, unwrapSeed, nowMs } = options;

  const remainingMs = (call: ServerUnaryCall<unknown, unknown>): number => {
    const deadline = call.getDeadline();
    const at = deadline instanceof Date ? deadline.getTime() : deadline;
    return Math.max(1, Math.min(options.deadlineMsMax, at - nowMs()));
  };

  const unary =
    <Request, Answer>(
      name: string,
      handle: (request: Request, deadlineMs: number) => Promise<Answer>,
    ): handleUnaryCall<Request, Answer> =>
    (call: ServerUnaryCall<Request, Answer>, done: sendUnaryData<Answer>) => {
      handle(call.request, remainingMs(call)).then(
        (answer) => done(null, answer),
        (fault: unknown) => {
          const error = toStrongroomError(fault);
          options.reportFault(name, error);
          done(toServiceError(error));
        },
      );
    };

  return {
    Status: unary('Status', async () => {
      const answer = status.answer(nowMs());
      if (answer.kind === 'error') throw new StrongroomError(answer.cause);
      return {
        version: 'v2',
        healthz: answer.kind === 'healthy' ? 'ok' : answer.cause,
        key_id: answer.keyId,
      };
    }),
    Encrypt: unary('Encrypt', async (request: EncryptRequest, deadlineMs) => {
      refuseBroken(checkEncryptRequest(request));
      const { ciphertext, keyId, annotations } = await wrapSeed(request.plaintext, deadlineMs);
      return { ciphertext, key_id: keyId, annotations };
    }),
    Decrypt: unary('Decrypt', async (request: DecryptRequest, deadlineMs) => {
      const { ciphertext, uid, annotations } = request;
      refuseBroken(checkDecryptRequest({ ciphertext, uid, annotations, keyId: request.key_id }));
      return { plaintext: await unwrapSeed(request.key_id, ciphertext, deadlineMs) };
    }),
  };
}

function refuseBroken(fields: readonly string[]): void {
  if (fields.length > 0) throw new StrongroomError('request-invalid', { detail: fields.join(', ') });
}

/** The stable code leads the text, so that it can be found in the API server's log. */
function toServiceError(error: StrongroomError): Partial<ServiceError> & { metadata?: Metadata } {
  const row = errorCatalogue[error.code];
  return { code: row.grpc, details: `${error.code}: ${row.message}` };
}
