/** Workers of one pool in this process: real sealing keys, real tickets, and an answer that the test decides on. */
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { OperationMessage, ReplyMessage, SealingKeys, SignedStatement } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import {
  decodeFrame,
  ed25519RawPublicKey,
  ed25519Sign,
  encodeRefusal,
  frameKind,
  generateSealingKey,
  identityFingerprint,
  importSealingKey,
  openRequest,
  type SealingPrivateKey,
  SessionTable,
  sealingKeyId,
  signStatement,
  TicketBox,
} from '@strongroom/sealed';

/** A reply without what the worker adds by itself. */
export type Outcome =
  | { readonly status: 'done'; readonly result: unknown; readonly entry?: number }
  | Omit<Extract<ReplyMessage, { status: 'pending' }>, 'requestId' | 'session'>
  | Omit<Extract<ReplyMessage, { status: 'refused' }>, 'requestId' | 'session'>;

export interface Arrival {
  readonly sealed: 'to-key' | 'in-session';
  readonly message: OperationMessage;
}

const day = 86_400_000;
const sessionLifetimeMs = 600_000;

export class FakeWorker {
  readonly arrivals: Arrival[] = [];
  readonly identityFingerprint: string;
  /** The default answers every `secret.read`. */
  respond: (message: OperationMessage) => Outcome | Promise<Outcome>;
  grantsSessions = true;
  /** What it says beside the code when it can not open a message. */
  refusalExtras: (fault: StrongroomError) => { readonly sealingKeys?: SealingKeys } = ({ code }) =>
    code === 'sealing-key-unknown' ? { sealingKeys: this.sealingKeys() } : {};
  readonly #identity = generateKeyPairSync('ed25519').privateKey;
  readonly #identityKey = ed25519RawPublicKey(this.#identity);
  readonly #nowMs: () => number;
  readonly #sealingKeys = new Map<number, SealingPrivateKey>();
  readonly #statements: SignedStatement[] = [];
  #ticketKey = { id: 1, key: createSecretKey(randomBytes(32)) };
  #tickets: TicketBox;
  #sessions: SessionTable;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.identityFingerprint = identityFingerprint(this.#identityKey);
    this.respond = ({ params }) => ({
      status: 'done',
      entry: 7,
      result: { group: params['group'], name: params['name'], kind: 'opaque', version: 1, value: 'aGVsbG8' },
    });
    this.#tickets = this.#newTickets();
    this.#sessions = new SessionTable({ tickets: this.#tickets, nowMs });
  }

  get identity(): string {
    return encodeBytes(this.#identityKey);
  }

  /** A new epoch; all others are destroyed. */
  async rotateSealingKey(): Promise<void> {
    const epoch = this.#statements.length + 1;
    const { privateKey, publicKey } = await generateSealingKey();
    using secret = privateKey;
    this.#sealingKeys.clear();
    this.#sealingKeys.set(epoch, await importSealingKey(epoch, secret, publicKey));
    const statement = {
      type: 'strongroom.sealing-key/1',
      tenant: 'default',
      pool: 'default',
      epoch,
      keyId: sealingKeyId(epoch),
      publicKey: encodeBytes(publicKey),
      notBefore: new Date(this.#nowMs() - day).toISOString(),
      notAfter: new Date(this.#nowMs() + day).toISOString(),
    } as const;
    this.#statements.push(signStatement(statement, (hash) => ed25519Sign(this.#identity, hash)));
  }

  /** What all open sessions meet as `session-ended`. */
  forgetSessions(): void {
    this.#ticketKey = { id: this.#ticketKey.id + 1, key: createSecretKey(randomBytes(32)) };
    this.#tickets = this.#newTickets();
    this.#sessions = new SessionTable({ tickets: this.#tickets, nowMs: this.#nowMs });
  }

  sealingKeys(): SealingKeys {
    return { identity: this.identity, keys: this.#statements.slice(-2), registrySequence: 0 };
  }

  async answer(frame: Uint8Array): Promise<Uint8Array> {
    try {
      const decoded = decodeFrame(frame);
      return decoded.kind === frameKind.sessionRequest
        ? await this.#answerInSession(this.#sessions.open(decoded))
        : await this.#answerToKey(await openRequest(decoded, (epoch) => this.#sealingKeys.get(epoch)));
    } catch (error) {
      const fault = isStrongroomError(error) ? error : new StrongroomError('internal', { cause: error });
      return encodeRefusal(fault, this.refusalExtras(fault));
    }
  }

  async #answerInSession(opened: ReturnType<SessionTable['open']>): Promise<Uint8Array> {
    this.arrivals.push({ sealed: 'in-session', message: opened.message });
    const outcome = await this.respond(opened.message);
    return opened.sealReply({ requestId: opened.routing.requestId, ...outcome } as ReplyMessage);
  }

  async #answerToKey(opened: Awaited<ReturnType<typeof openRequest>>): Promise<Uint8Array> {
    this.arrivals.push({ sealed: 'to-key', message: opened.message });
    const outcome = await this.respond(opened.message);
    const secret = this.grantsSessions ? opened.sessionSecret : undefined;
    const claims = { principal: 'user:alice', proof: 'key', registrySequence: 1 } as const;
    const session =
      secret === undefined
        ? {}
        : { session: this.#tickets.issue(secret, claims, this.#nowMs() + sessionLifetimeMs) };
    return opened.sealReply({ requestId: opened.routing.requestId, ...outcome, ...session } as ReplyMessage);
  }

  #newTickets(): TicketBox {
    const current = this.#ticketKey;
    const find = (id: number) => (id === current.id ? current.key : undefined);
    return new TicketBox({ current: () => current, find }, this.#nowMs);
  }
}
