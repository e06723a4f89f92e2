/** What the worker answers on the bus. Bad bytes get a coded refusal and have no effect. */
import type { Bus, ResponderHandle } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import {
  type CertifyReply,
  type CertifyRequest,
  type Checker,
  checkers,
  type RegistryLookReply,
  type SealingKeys,
  type SinksReply,
  type SinksRequest,
  subjects,
  type WitnessReply,
  type WitnessRequest,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { HandleOperation } from '../app/handle-operation.ts';

/** All workers of a pool share its operations; each message goes to one of them. */
const queue = 'crypto-worker';

export interface OperationLimits {
  /** Operations of the class `crypto` under way. */
  readonly cryptoMax: number;
  readonly manageMax: number;
}

/** What is asked of this worker whether or not it is a member of its pool. Answers how to become one. */
export async function serveOperations(
  bus: Pick<Bus, 'respond'>,
  pool: string,
  handle: HandleOperation,
  { cryptoMax, manageMax }: OperationLimits,
): Promise<() => Promise<readonly ResponderHandle[]>> {
  const serve = (subject: string, kind: 'frame' | 'approved', inFlightMax: number) =>
    bus.respond(subject, {
      queue,
      inFlightMax,
      // The bytes are a view into the message of the bus, and what is kept of them is copied by decoding.
      handler: (bytes) => handle({ kind, bytes }),
    });
  await serve(subjects.lastResort('crypto', pool), 'frame', cryptoMax);
  await serve(subjects.lastResort('manage', pool), 'frame', manageMax);
  await serve(subjects.execute(pool), 'approved', manageMax);
  return async () => [
    await serve(subjects.operation('crypto', pool), 'frame', cryptoMax),
    await serve(subjects.operation('manage', pool), 'frame', manageMax),
  ];
}

export async function serveSealingKeys(
  bus: Pick<Bus, 'respond'>,
  pool: string,
  announcement: () => SealingKeys,
): Promise<void> {
  await bus.respond(subjects.sealingKeys(pool), {
    queue,
    handler: async () => encode(announcement()),
  });
}

/** Each process answers for itself, so its subject is its own. */
export async function serveRegistryLooks(
  bus: Pick<Bus, 'respond'>,
  reader: string,
  look: (sequence: number) => Promise<RegistryLookReply>,
): Promise<void> {
  await bus.respond(subjects.registryLook(reader), {
    queue,
    handler: async (bytes) => encode(await look(readRequest(bytes, checkers.registryLookRequest).sequence)),
  });
}

export interface WitnessHandlers {
  readonly certify: (request: CertifyRequest) => Promise<CertifyReply>;
  readonly signCheckpoint: (request: WitnessRequest) => Promise<WitnessReply>;
  readonly announceSinks: (request: SinksRequest) => Promise<SinksReply>;
}

/** Only on the one witness worker. */
export async function serveWitness(
  bus: Pick<Bus, 'respond'>,
  { certify, signCheckpoint, announceSinks }: WitnessHandlers,
): Promise<void> {
  const serve = <Request>(
    subject: string,
    checker: Checker<Request>,
    handle: (request: Request) => Promise<object>,
  ) =>
    bus.respond(subject, {
      queue,
      handler: async (bytes) => encode(await handle(readRequest(bytes, checker))),
    });
  await serve(subjects.witnessCertify, checkers.certifyRequest, certify);
  await serve(subjects.witnessCheckpoint, checkers.witnessRequest, signCheckpoint);
  await serve(subjects.witnessSinks, checkers.sinksRequest, announceSinks);
}

const encode = (value: object): Uint8Array => canonicalBytes(value as CanonicalValue);

/** Throws `message-malformed` or `request-invalid`. */
function readRequest<Request>(bytes: Uint8Array, checker: Checker<Request>): Request {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { detail: fault.reason });
  }
  if (!checker.check(value))
    throw new StrongroomError('request-invalid', { detail: checker.problemOf(value) });
  return value;
}
