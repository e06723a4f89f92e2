/** What must not compile. `tsc` reads this file; an error that is expected and does not come is an error. */
import { Type } from 'typebox';
import { closed, Name, Version } from '../src/fields.ts';
import { type OperationReply, type OperationRequest, operation, operationChecker } from '../src/index.ts';

const row = {
  name: 'test.try',
  summary: 'Tries.',
  class: 'manage',
  request: closed({ group: Name, value: Name, version: Type.Optional(Version) }),
  reply: closed({ done: Type.Boolean() }),
  privilege: 'test.try',
  object: { kind: 'system' },
  actors: 'any',
  mutates: false,
  guardable: false,
  deadlineMs: 1_000,
  requestBytesMax: 1_024,
  rest: { method: 'POST', path: '/v1/test' },
  since: '0.1.0',
} as const;
const request = { group: 'plain', value: 'never', version: 'plain' } as const;
const reply = { done: 'plain' } as const;

operation({ ...row, audit: { request, reply } });

// A field without a class would be logged, or not, by accident.
// @ts-expect-error: `value` has no class.
operation({ ...row, audit: { request: { group: 'plain', version: 'plain' }, reply } });

// Optional fields are logged when they are sent, so they need a class as well.
// @ts-expect-error: `version` has no class.
operation({ ...row, audit: { request: { group: 'plain', value: 'never' }, reply } });

// @ts-expect-error: the reply has no class for `done`.
operation({ ...row, audit: { request, reply: {} } });

// @ts-expect-error: `pin` is no field of the request.
operation({ ...row, audit: { request: { ...request, pin: 'plain' }, reply } });

// @ts-expect-error: there is no such class.
operation({ ...row, audit: { request: { ...request, value: 'masked' }, reply } });

// @ts-expect-error: an operation says what of it is logged.
operation(row);

// @ts-expect-error: people, machines, or a new idea that the worker knows nothing of.
operation({ ...row, actors: 'robots', audit: { request, reply } });

// @ts-expect-error: a request is an object, because its fields have classes and names.
operation({ ...row, request: Type.String(), audit: { request, reply } });

const rotate: OperationRequest<'key.rotate'> = { group: 'default', name: 'kms' };

// @ts-expect-error: a name that is not in the catalogue.
type Nothing = OperationRequest<'key.steal'>;

// @ts-expect-error: the request of another operation.
const wrong: OperationRequest<'kms.unwrap'> = rotate;

// @ts-expect-error: plaintext is not in the reply of a wrap.
type NoPlaintext = OperationReply<'kms.wrap'>['plaintext'];

const unknown: unknown = rotate;
// @ts-expect-error: nothing is known of a value before it is checked.
const unchecked: OperationRequest<'key.rotate'> = unknown;
const { request: checker } = operationChecker('key.rotate');
const checked: OperationRequest<'key.rotate'> | undefined = checker.check(unknown) ? unknown : undefined;

export type { NoPlaintext, Nothing };
export { checked, unchecked, wrong };
