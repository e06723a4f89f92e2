/** What the rows of this area have in common: they use a key that request fields name, and change nothing. */
import type { Static, TObject } from 'typebox';
import { Name, Version } from '../fields.ts';
import { ProtectionLevel } from '../key-type.ts';
import { type FieldClass, type OperationDescriptor, operation } from '../operation.ts';

export const keyNamed = { group: Name, key: Name };
/** Every answer says which version was used and where its material was at that moment. */
export const keyUsed = { version: Version, protection: ProtectionLevel };

type Classes<Schema extends TObject, Common extends string> = {
  readonly [Field in Exclude<keyof Static<Schema>, Common>]-?: FieldClass;
};

interface KeyRow<Verb extends string, Request extends TObject, Reply extends TObject> {
  readonly verb: Verb;
  readonly summary: string;
  readonly request: Request;
  readonly reply: Reply;
  /** Of the fields beside those that all rows have. */
  readonly audit: {
    readonly request: Classes<Request, 'group' | 'key'>;
    readonly reply: Classes<Reply, 'version' | 'protection'>;
  };
  readonly requestBytesMax?: number;
}

export function keyRow<const Verb extends string, Request extends TObject, Reply extends TObject>({
  verb,
  summary,
  request,
  reply,
  audit,
  requestBytesMax = 98_304,
}: KeyRow<Verb, Request, Reply>) {
  type Row = OperationDescriptor<`crypto.${Verb}`, Request, Reply>;
  const classes = {
    request: { group: 'plain', key: 'plain', ...audit.request },
    reply: { version: 'plain', protection: 'plain', ...audit.reply },
  };
  return operation<`crypto.${Verb}`, Request, Reply>({
    name: `crypto.${verb}`,
    summary,
    class: 'crypto',
    request,
    reply,
    privilege: `crypto.${verb}`,
    object: { kind: 'key', group: 'group', name: 'key' },
    actors: 'machines',
    mutates: false,
    guardable: false,
    audit: classes as unknown as Row['audit'],
    deadlineMs: 5_000,
    requestBytesMax,
    rest: { method: 'POST', path: `/v1/crypto/{group}/{key}/${verb}` },
    since: '0.1.0',
  });
}
