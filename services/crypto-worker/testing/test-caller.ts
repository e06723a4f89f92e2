/** A caller that seals like every client does, to whatever worker it is given. */
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import {
  describeOperation,
  newRequestId,
  type OperationName,
  type OperationRequest,
  type Proof,
  type ReplyMessage,
  type RoutingHeader,
} from '@strongroom/contracts';
import {
  ClientSession,
  decodeFrame,
  decodeRefusal,
  frameKind,
  proofDigest,
  requestHash,
  sealRequest,
} from '@strongroom/sealed';
import { pool, tenant } from './deployment.ts';
import { KeyHolder } from './key-holder.ts';
import { SignedIn } from './test-provider.ts';
import type { TestWorker } from './test-worker.ts';

export interface CallOptions {
  readonly requestId?: string;
  readonly routing?: Partial<RoutingHeader>;
  readonly proof?: Proof | 'none';
  readonly openSession?: boolean;
}

export type Answer =
  | ReplyMessage
  | { readonly status: 'unsealed'; readonly code: string }
  | { readonly status: 'killed' };
export type Credential = KeyHolder | SignedIn | Exclude<Proof, { kind: 'key' | 'session' }>;

const lifetimeMs = 30_000;

export class TestCaller {
  readonly #credential: Credential;
  #session: ClientSession | undefined;

  constructor(credential: Credential) {
    this.#credential = credential;
  }

  /** One message sealed to the worker's public key. */
  async call<Name extends OperationName>(
    target: TestWorker,
    name: Name,
    params: OperationRequest<Name>,
    options: CallOptions = {},
  ): Promise<Answer> {
    const { frame, open } = await this.seal(target, name, params, options);
    return open(await target.handle('frame', frame));
  }

  async seal(target: TestWorker, name: string, params: object, options: CallOptions = {}) {
    const routing = this.#routing(target, name, options);
    const body = { operation: name, params: params as Readonly<Record<string, unknown>> };
    const proof = this.#proof(routing, body, options);
    const message = {
      ...body,
      ...(proof === undefined ? {} : { proof }),
      ...(options.openSession ? { openSession: true as const } : {}),
    };
    const sealed = await sealRequest({ key: this.#sealingKey(target), routing, message });
    const open = async (answer: Uint8Array | 'killed'): Promise<Answer> => {
      if (answer === 'killed') return { status: 'killed' };
      const refusal = readRefusal(answer);
      if (refusal !== undefined) return refusal;
      const reply = await sealed.openReply(answer);
      if (reply.session !== undefined)
        this.#session = new ClientSession(await sealed.sessionSecret(), reply.session);
      return reply;
    };
    return { frame: sealed.frame, open };
  }

  /** One message of the session that an earlier call opened. */
  async inSession<Name extends OperationName>(
    target: TestWorker,
    name: Name,
    params: OperationRequest<Name>,
    options: CallOptions = {},
  ): Promise<Answer> {
    const { frame, openReply } = this.sealInSession(target, name, params, options);
    const answer = await target.handle('frame', frame);
    if (answer === 'killed') return { status: 'killed' };
    return readRefusal(answer) ?? openReply(answer);
  }

  sealInSession(target: TestWorker, name: string, params: object, options: CallOptions = {}) {
    if (this.#session === undefined) throw new TypeError('no session is open');
    return this.#session.seal(this.#routing(target, name, options), { operation: name, params } as never);
  }

  #routing({ deployment }: TestWorker, name: string, options: CallOptions): RoutingHeader {
    const operationClass = name.includes('.') ? describeOperation(name as OperationName).class : 'manage';
    return {
      v: 1,
      pool,
      tenant,
      class: operationClass,
      requestId: options.requestId ?? newRequestId(deployment.clock.nowMs()),
      notAfter: new Date(deployment.clock.nowMs() + lifetimeMs).toISOString(),
      ...options.routing,
    };
  }

  #proof(
    routing: RoutingHeader,
    { operation, params }: { readonly operation: string; readonly params: Readonly<Record<string, unknown>> },
    { proof, openSession }: CallOptions,
  ): Proof | undefined {
    if (proof === 'none') return undefined;
    if (proof !== undefined) return proof;
    const credential = this.#credential;
    const signed = proofDigest(requestHash(routing, operation, params), openSession === true);
    if (credential instanceof SignedIn) {
      const { key, idToken, assertion } = credential;
      const signature = encodeBytes(key.sign(signed));
      const shown = { principal: key.principal, sessionKey: key.publicKey, idToken, signature };
      return { kind: 'session', ...shown, ...(assertion === undefined ? {} : { assertion }) };
    }
    if (!(credential instanceof KeyHolder)) return credential;
    return { kind: 'key', principal: credential.principal, signature: encodeBytes(credential.sign(signed)) };
  }

  #sealingKey({ worker }: TestWorker) {
    const { epoch } = worker.keyring.newest();
    const signed = worker.keyring
      .announcement()
      .keys.find(({ statement }) => 'epoch' in statement && statement.epoch === epoch);
    if (signed?.statement.type !== 'strongroom.sealing-key/1') throw new TypeError('no sealing key');
    const { keyId, publicKey } = signed.statement;
    return { epoch, keyId, publicKey: decodeBytes(publicKey) };
  }
}

function readRefusal(answer: Uint8Array): Answer | undefined {
  const frame = decodeFrame(answer);
  if (frame.kind !== frameKind.refusal) return undefined;
  return { status: 'unsealed', code: decodeRefusal(frame).code };
}
