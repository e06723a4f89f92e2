/** Reference page of the stable codes, from `packages/errors`. */
import { errorCatalogue } from '@strongroom/errors';
import { code, page, table } from './markdown.ts';

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const grpcNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(([name, row]) => [
    code(name),
    row.message,
    String(row.http),
    grpcNames[row.grpc] ?? String(row.grpc),
    String(row.exit),
    row.retry,
    row.audience,
    row.outcome,
    row.since,
  ]);
  return page('Errors', [
    'Every refusal has one of these codes, on every path: REST (problem details, RFC 9457, member `code`), sealed replies, ' +
      'gRPC and the command line. A code keeps its meaning for ever and is never used again for another.',
    [
      '**Again**: `never`, the same request can not succeed; `same-request`, repeat it unchanged, with the same request id;',
      '`after-delay`, repeat it after `Retry-After`. **For**: who can mend it. **Effect**: `not-applied`, nothing happened;',
      '`unknown`, something may have happened, so ask with the same request id before anything else.',
    ].join('\n'),
    table(['code', 'says', 'HTTP', 'gRPC', 'exit', 'again', 'for', 'effect', 'since'], rows),
  ]);
}
