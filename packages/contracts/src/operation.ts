/**
 * What one row of the operation catalogue says. Everything about an operation that is not its use case comes from
 * here: who may ask, what is checked, what is logged, over which subject and route it travels.
 */
import type { Static, TObject, TSchema } from 'typebox';

/**
 * How a field may appear in the audit log. `plain`: as it is. `commit`: as a salted SHA-256. `hmac`: as an HMAC under a
 * tenant key, so that equal values can be found. `never`: not at all.
 */
export type FieldClass = 'plain' | 'commit' | 'hmac' | 'never';

/** `crypto`: uses a key or reads a value. `manage`: everything else. They travel on subjects of their own. */
export type OperationClass = 'crypto' | 'manage';

/** What kind of thing the operation is about, and which request fields name it. */
export interface ObjectReference {
  readonly kind:
    | 'key'
    | 'secret'
    | 'group'
    | 'principal'
    | 'role'
    | 'binding'
    | 'cluster'
    | 'sso-provider'
    | 'proposal'
    | 'log'
    | 'sink'
    | 'retention'
    | 'system';
  /** Request field with the group; absent for what has no group. */
  readonly group?: string;
  /** Request field with the name; absent for collections. */
  readonly name?: string;
  /** The operation makes the object: one that exists is refused before anybody is asked to approve. */
  readonly isMade?: true;
  /** Request field with the policy whose quorum has to agree to the making of the object. */
  readonly policy?: string;
  /**
   * Request field with the policy that the object is to have from then on. Where another one guards the object now, the quorums of
   * both have to agree.
   */
  readonly nextPolicy?: string;
}

export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{field}` is a field of the request; all other fields travel in the JSON body. */
  readonly path: string;
}

export interface OperationDescriptor<
  Name extends string = string,
  Request extends TObject = TObject,
  Reply extends TSchema = TSchema,
> {
  readonly name: Name;
  /** One sentence for reference pages and help. */
  readonly summary: string;
  readonly class: OperationClass;
  readonly request: Request;
  readonly reply: Reply;
  readonly privilege: string;
  readonly object: ObjectReference;
  /** `machines`: people are refused whatever roles they hold. */
  readonly actors: 'any' | 'machines';
  /** Changes HSM or record state: an intent entry comes before the effect, the request id makes it idempotent. */
  readonly mutates: boolean;
  /** A quorum may be demanded. Only operations whose reply may be shown to the approvals service. */
  readonly guardable: boolean;
  readonly audit: {
    readonly request: { readonly [Field in keyof Static<Request>]-?: FieldClass };
    readonly reply: Static<Reply> extends object
      ? { readonly [Field in keyof Static<Reply>]-?: FieldClass }
      : never;
  };
  /** The longest that a caller may wait; also the default. */
  readonly deadlineMs: number;
  /** Largest canonical operation object in bytes. */
  readonly requestBytesMax: number;
  readonly rest: RestRoute;
  readonly since: string;
}

/**
 * What it means that the worker which took the operation fell silent. Only who knows the operation can say: a carrier sees
 * the class of a request, and that does not tell a change from a read.
 */
export const silentWorkerCode = (row: Pick<OperationDescriptor, 'mutates'>) =>
  row.mutates ? 'outcome-unknown' : 'hsm-unavailable';

/**
 * Declares a row. The compiler holds it to a class for every audit field; what types can not say is checked by the tests
 * of this package and, where it decides who reaches what, when a process boots.
 */
export function operation<const Name extends string, Request extends TObject, Reply extends TSchema>(
  row: OperationDescriptor<Name, Request, Reply>,
): OperationDescriptor<Name, Request, Reply> {
  return Object.freeze(row);
}
