/**
 * The catalogue of stable error codes: the one home of what a code means, how it travels over HTTP and gRPC,
 * and whether a caller may try again. A code is never reused; a retired one stays listed. `docs/reference/errors.md`
 * is generated from this table and checked both ways.
 */

/** `never`: the same request can not succeed. `same-request`: repeat it unchanged. `after-delay`: repeat after Retry-After. */
export type Retry = 'never' | 'same-request' | 'after-delay';

/** Who can mend it: the one who called, or the one who operates the platform. */
export type Audience = 'caller' | 'operator';

/** `not-applied`: nothing happened. `unknown`: something may have happened; ask before repeating with a new request id. */
export type Effect = 'not-applied' | 'unknown';

export interface ErrorDescriptor {
  /** HTTP status code (RFC 9110). */
  readonly http: number;
  /** gRPC status code number (grpc/grpc doc/statuscodes.md). */
  readonly grpc: number;
  /** Exit status of the command line tool. */
  readonly exit: number;
  readonly retry: Retry;
  readonly audience: Audience;
  readonly outcome: Effect;
  /** May leave the process; never holds a value that a caller sent. */
  readonly message: string;
  /** First release that can answer with the code. */
  readonly since: string;
}

const grpc = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

function row(
  http: number,
  grpcStatus: number,
  exit: number,
  retry: Retry,
  audience: Audience,
  outcome: Effect,
  message: string,
): ErrorDescriptor {
  return Object.freeze({ http, grpc: grpcStatus, exit, retry, audience, outcome, message, since: '0.1.0' });
}

const caller = (http: number, status: number, exit: number, message: string): ErrorDescriptor =>
  row(http, status, exit, 'never', 'caller', 'not-applied', message);
const unavailable = (message: string): ErrorDescriptor =>
  row(503, grpc.unavailable, 7, 'after-delay', 'operator', 'not-applied', message);
const broken = (status: number, message: string): ErrorDescriptor =>
  row(500, status, 8, 'never', 'operator', 'not-applied', message);

export const errorCatalogue = Object.freeze({
  // What the caller sent.
  'request-invalid': caller(
    400,
    grpc.invalidArgument,
    2,
    'The request does not fit the schema of the operation.',
  ),
  'message-malformed': caller(400, grpc.invalidArgument, 2, 'The bytes are not a message of this protocol.'),
  'message-too-large': caller(
    413,
    grpc.invalidArgument,
    2,
    'The message is larger than the operation allows.',
  ),
  'media-type-unsupported': caller(
    415,
    grpc.invalidArgument,
    2,
    'The content type is not one that this route takes.',
  ),
  'operation-unknown': caller(404, grpc.unimplemented, 2, 'There is no such operation or route.'),
  'request-expired': caller(
    400,
    grpc.failedPrecondition,
    2,
    'The request is past its not-after time, or that time is more than 60 s ahead.',
  ),
  'request-replayed': caller(
    409,
    grpc.aborted,
    2,
    'A request with this id was already taken; it is not carried out again.',
  ),
  'sealing-key-unknown': row(
    409,
    grpc.failedPrecondition,
    7,
    'after-delay',
    'caller',
    'not-applied',
    'The message is sealed to a key that is not in force; fetch the current sealing keys.',
  ),
  'session-ended': row(
    401,
    grpc.unauthenticated,
    7,
    'after-delay',
    'caller',
    'not-applied',
    'The sealed session is over or not known; open a new one.',
  ),

  // Who the caller is, and what it may do.
  'proof-missing': caller(401, grpc.unauthenticated, 3, 'The operation needs a proof of who asks.'),
  'proof-invalid': caller(401, grpc.unauthenticated, 3, 'The proof of who asks does not verify.'),
  'proof-expired': caller(401, grpc.unauthenticated, 3, 'The proof of who asks is expired or not yet valid.'),
  denied: caller(403, grpc.permissionDenied, 4, 'The caller may not do this.'),
  'privilege-exceeded': caller(403, grpc.permissionDenied, 4, 'Nobody can grant more than they hold.'),

  // Approvals.
  'approval-pending': caller(
    202,
    grpc.failedPrecondition,
    5,
    'The operation waits for the approval of its quorum.',
  ),
  'approval-denied': caller(403, grpc.permissionDenied, 4, 'The approvers denied the operation.'),
  'approval-expired': caller(
    403,
    grpc.failedPrecondition,
    4,
    'The approval was not completed or not used in time.',
  ),
  'approval-invalid': caller(403, grpc.permissionDenied, 4, 'The evidence of approval does not verify.'),
  'approver-is-requester': caller(403, grpc.permissionDenied, 4, 'Nobody approves their own request.'),
  'proposal-closed': caller(409, grpc.failedPrecondition, 4, 'The proposal is already decided.'),
  'subject-changed': caller(409, grpc.aborted, 4, 'The object changed after the approval was asked for.'),

  // The object of the operation.
  absent: caller(404, grpc.notFound, 6, 'There is no such object.'),
  'already-exists': caller(409, grpc.alreadyExists, 6, 'An object with this name exists.'),
  'version-conflict': caller(
    409,
    grpc.aborted,
    6,
    'The object is not at the version that the request expects.',
  ),
  'key-pre-active': caller(409, grpc.failedPrecondition, 6, 'The key or version is not active yet.'),
  'key-active': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The key or version is active, and the operation is for others.',
  ),
  'key-suspended': caller(409, grpc.failedPrecondition, 6, 'The key or version is suspended.'),
  'key-deactivated': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The key or version is deactivated; it opens and verifies, and protects nothing new.',
  ),
  'key-compromised': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The key or version is compromised; it only opens what it protected.',
  ),
  'key-destroyed': caller(410, grpc.failedPrecondition, 6, 'The key or version is destroyed; there was one.'),
  'key-destruction-pending': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The destruction of the key or version is scheduled, and it is not used until that is taken back.',
  ),
  'key-destruction-absent': caller(
    409,
    grpc.failedPrecondition,
    6,
    'No destruction of the key or version is scheduled.',
  ),
  'key-protected': caller(409, grpc.failedPrecondition, 6, 'The key is protected against destruction.'),
  'key-in-use': caller(
    409,
    grpc.failedPrecondition,
    6,
    'What it protects is in use: an enabled KMS provider lists the version, or values are under it.',
  ),
  'key-exhausted': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The version has made as many ciphertexts as it may; rotate the key.',
  ),
  'key-versions-full': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The key has as many versions as it can have.',
  ),
  'key-version-withheld': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The version is below the minimum version of the key.',
  ),
  'key-usage-refused': caller(
    403,
    grpc.permissionDenied,
    6,
    'The usage policy of the key does not allow the use.',
  ),
  'key-use-early': caller(
    403,
    grpc.permissionDenied,
    6,
    'The usage policy of the key does not allow its use yet.',
  ),
  'key-use-late': caller(
    403,
    grpc.permissionDenied,
    6,
    'The usage policy of the key does not allow its use any more.',
  ),
  'key-type-refused': caller(
    400,
    grpc.invalidArgument,
    6,
    'No key of this type has this purpose, protection or mechanism.',
  ),
  'key-not-exportable': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The key was not made to leave, not even wrapped.',
  ),
  'quorum-required': caller(
    409,
    grpc.failedPrecondition,
    6,
    'The operation needs a key that a quorum policy guards.',
  ),
  'key-purpose-refused': caller(409, grpc.failedPrecondition, 6, 'The key is made for another purpose.'),
  'secret-expired': caller(410, grpc.failedPrecondition, 6, 'The version of the secret is past its expiry.'),
  'secret-deleted': caller(
    410,
    grpc.failedPrecondition,
    6,
    'The version of the secret is deleted; it can be had back until its undo period is over.',
  ),
  'secret-destroyed': caller(410, grpc.failedPrecondition, 6, 'The value of this version is gone for good.'),
  'value-invalid': caller(422, grpc.invalidArgument, 2, 'The value is not one of its kind.'),
  'ciphertext-invalid': caller(
    400,
    grpc.invalidArgument,
    6,
    'The ciphertext was not made by this key with this context.',
  ),
  'signature-invalid': caller(
    400,
    grpc.invalidArgument,
    6,
    'The signature or MAC is not of this key and input.',
  ),
  'ciphertext-foreign': caller(400, grpc.invalidArgument, 6, 'The ciphertext was made by another key.'),

  // Load and time.
  'rate-limited': row(
    429,
    grpc.resourceExhausted,
    7,
    'after-delay',
    'caller',
    'not-applied',
    'Too many requests from this caller.',
  ),
  overloaded: row(
    503,
    grpc.resourceExhausted,
    7,
    'after-delay',
    'caller',
    'not-applied',
    'The service is at its limit of requests in flight.',
  ),
  'deadline-exceeded': row(
    504,
    grpc.deadlineExceeded,
    9,
    'same-request',
    'caller',
    'unknown',
    'No answer came in time; repeat with the same request id to learn the outcome.',
  ),
  'worker-silent': row(
    504,
    grpc.deadlineExceeded,
    9,
    'same-request',
    'operator',
    'unknown',
    'The crypto worker that took the request gives no sign of life; repeat with the same request id to learn the outcome.',
  ),
  'outcome-unknown': row(
    500,
    grpc.internal,
    8,
    'same-request',
    'operator',
    'unknown',
    'The operation was interrupted; whether it took effect is being reconciled.',
  ),

  // Parts of the platform.
  'hsm-unavailable': unavailable('The hardware security module does not answer.'),
  'audit-unavailable': unavailable('The audit service did not record the operation, so it is refused.'),
  'database-unavailable': unavailable('The registry database does not answer.'),
  'approvals-unavailable': unavailable('The approvals service does not answer.'),
  'issuer-unavailable': unavailable('The keys of the token issuer could not be fetched.'),
  'worker-unavailable': unavailable('No crypto worker serves this pool at the moment.'),
  'bus-unavailable': unavailable('The message bus does not answer.'),
  'state-stale': unavailable('The worker could not read the current registry state in time.'),
  stopping: unavailable('The service is stopping.'),

  // Evidence that something is wrong.
  'receipt-invalid': row(
    503,
    grpc.unavailable,
    8,
    'after-delay',
    'operator',
    'not-applied',
    'The audit service answered with a receipt that does not verify, so the result is withheld.',
  ),
  'record-tampered': broken(grpc.dataLoss, 'A stored record is not the one that was written; it is refused.'),
  'log-forked': row(
    500,
    grpc.dataLoss,
    10,
    'never',
    'operator',
    'not-applied',
    'Two signed checkpoints of the log contradict each other.',
  ),
  'registry-rolled-back': broken(grpc.dataLoss, 'The registry is older than the state anchored in the HSM.'),
  'governance-tampered': broken(grpc.dataLoss, 'The governance root is not the one pinned in the HSM.'),
  'hsm-inconsistent': broken(grpc.dataLoss, 'The HSM token holds objects that contradict each other.'),
  'identity-mismatch': broken(grpc.unauthenticated, 'The deployment does not show the pinned identity.'),
  'reply-invalid': broken(grpc.dataLoss, 'The sealed reply does not verify.'),
  'mechanism-unsupported': broken(
    grpc.unimplemented,
    'The HSM token lacks a mechanism that the operation needs.',
  ),
  'configuration-invalid': broken(grpc.failedPrecondition, 'The configuration is not valid.'),
  internal: row(
    500,
    grpc.internal,
    8,
    'same-request',
    'operator',
    'unknown',
    'An unexpected fault; the operator finds it in the log by the request id.',
  ),
} satisfies Record<string, ErrorDescriptor>);

export type ErrorCode = keyof typeof errorCatalogue;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCatalogue, value);
}
