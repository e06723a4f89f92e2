/** One attempt at one operation: sealed in the session, or to the worker's key where there is none. */
import type { ReplyMessage, RoutingHeader } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import {
  type ClientSession,
  type SealedContent,
  sealingKeysInstead,
  sealRequest,
  type VerifiedSealingKey,
} from '@strongroom/sealed';
import { type Credential, makeProof } from './credential.ts';
import { until } from './deadline.ts';
import type { Gateway } from './gateway.ts';
import type { SealingKeySource } from './sealing-key-source.ts';
import type { SessionKeeper } from './session.ts';

export interface SealedCallParts {
  readonly gateway: Gateway;
  readonly keys: SealingKeySource;
  readonly credential: Credential;
  /** Absent where each message is sealed and proven on its own. */
  readonly sessions: SessionKeeper | undefined;
}

export interface Attempt {
  readonly routing: RoutingHeader;
  readonly operation: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export type SealedCall = (attempt: Attempt) => Promise<ReplyMessage>;

/** Throws what the seal, the gateway and the refusals throw; forgets the session or key that an answer says is over. */
export function makeSealedCall(parts: SealedCallParts): SealedCall {
  const { sessions } = parts;
  if (sessions === undefined) return (attempt) => sealedToKey(parts, attempt, false);
  return async (attempt) => {
    let plan = sessions.plan();
    if (plan.kind === 'wait') {
      await until(attempt.signal, plan.opened);
      plan = sessions.plan();
    }
    // Whoever waited in vain goes alone: a queue of openers, one after the other, would make one slow call everyone's.
    if (plan.kind === 'wait') return sealedToKey(parts, attempt, true);
    if (plan.kind === 'session') return inSession(parts, attempt, plan.session);
    return sessions.whileOpening(() => sealedToKey(parts, attempt, true));
  };
}

async function inSession(
  parts: SealedCallParts,
  attempt: Attempt,
  session: ClientSession,
): Promise<ReplyMessage> {
  const { routing, operation, params, signal } = attempt;
  const sealed = session.seal(routing, { operation, params });
  return forgetting(
    'session-ended',
    () => parts.sessions?.discard(session),
    () => parts.gateway.exchange(sealed.frame, signal),
    sealed.openReply,
  );
}

async function sealedToKey(parts: SealedCallParts, attempt: Attempt, opens: boolean): Promise<ReplyMessage> {
  const { gateway, keys, credential } = parts;
  const { routing, operation, params, signal } = attempt;
  const content = { operation, params, ...(opens ? { openSession: true as const } : {}) };
  const key: VerifiedSealingKey = await until(signal, keys.current());
  const proof = await until(signal, makeProof(credential, { routing, ...content }));
  const message: SealedContent = { ...content, proof };
  const sealed = await sealRequest({ key, routing, message });
  const reply = await forgetting(
    'sealing-key-unknown',
    (answer) => keys.replace(key, answer && sealingKeysInstead(answer)),
    () => gateway.exchange(sealed.frame, signal),
    sealed.openReply,
  );
  if (reply.session !== undefined) {
    if (!opens) throw new StrongroomError('reply-invalid', { detail: 'a session that nobody asked for' });
    parts.sessions?.adopt(await sealed.sessionSecret(), reply.session);
  }
  return reply;
}

async function forgetting(
  code: 'session-ended' | 'sealing-key-unknown',
  forget: (answer: Uint8Array | undefined) => void,
  exchange: () => Promise<Uint8Array>,
  openReply: (answer: Uint8Array) => ReplyMessage | Promise<ReplyMessage>,
): Promise<ReplyMessage> {
  let answer: Uint8Array | undefined;
  try {
    answer = await exchange();
    const reply = await openReply(answer);
    if (reply.status === 'refused' && reply.error.code === code) forget(undefined);
    return reply;
  } catch (error) {
    if (isStrongroomError(error) && error.code === code) forget(answer);
    throw error;
  }
}
