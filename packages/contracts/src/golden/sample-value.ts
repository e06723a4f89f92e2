/** Values that fit a schema, made from the schema alone: with the needed fields only or with all, branch by branch. */

import { PrincipalEraseRequest } from '../catalogue/principal.ts';
import { NamePrefix } from '../catalogue/secret.ts';
import { DnsName, KeyComment, SubjectText } from '../catalogue/secret-generation.ts';
import { RelyingParty } from '../catalogue/sso.ts';
import * as fields from '../fields.ts';
import { partsOf, type SchemaShape } from '../generate/schema-shape.ts';
import { LabelValue } from '../key-usage.ts';
import { Authorities, SinkHost } from '../wire/sink.ts';

export interface SampleWish {
  /** All optional fields and two items in each list, or only what is needed. */
  readonly isFull: boolean;
  /** Which branch of every union, modulo their number. */
  readonly branch: number;
}

/** Throws `TypeError` for a schema of a kind that the wire does not have. */
export function sampleValue(schema: SchemaShape, wish: SampleWish): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf !== undefined) {
    return sampleValue(schema.anyOf[wish.branch % schema.anyOf.length] as SchemaShape, wish);
  }
  switch (schema.type) {
    case 'string':
      return sampleText(schema);
    case 'integer':
      return wish.isFull ? schema.maximum : schema.minimum;
    case 'boolean':
      return wish.isFull;
    case 'array':
      return sampleList(schema, wish);
    case 'object':
      return schema.patternProperties === undefined ? sampleObject(schema, wish) : sampleRecord(schema, wish);
    default:
      return { any: 'thing' };
  }
}

/** How many samples show each branch of every union at least once. */
export function branchesOf(schema: SchemaShape): number {
  return Math.max(schema.anyOf?.length ?? 1, ...partsOf(schema).map(([, part]) => branchesOf(part)));
}

function sampleObject(schema: SchemaShape, wish: SampleWish): unknown {
  const wanted = Object.entries(schema.properties ?? {}).filter(
    ([name]) => wish.isFull || schema.required?.includes(name),
  );
  return Object.fromEntries(wanted.map(([name, part]) => [name, sampleValue(part, wish)]));
}

function sampleRecord(schema: SchemaShape, wish: SampleWish): unknown {
  const [part] = Object.values(schema.patternProperties ?? {});
  return wish.isFull && part !== undefined ? { field: sampleValue(part, wish) } : {};
}

function sampleList(schema: SchemaShape, wish: SampleWish): unknown {
  const longest = Math.min(schema.maxItems ?? 0, schema.uniqueItems === true ? 1 : 2);
  const length = Math.max(schema.minItems ?? 0, wish.isFull ? longest : 0);
  return Array.from({ length }, (_, place) =>
    sampleValue(schema.items as SchemaShape, { ...wish, branch: wish.branch + place }),
  );
}

const patternOf = (schema: SchemaShape): string => schema.pattern ?? '';

/** Pattern → a text that fits it. */
const texts = new Map<string, string>([
  [patternOf(fields.Name), 'name-1.x'],
  [patternOf(fields.AskedName(1)), 'default/name-1.x'],
  [patternOf(fields.PrincipalId), 'workload:prod.eu/payments/api.v1'],
  [patternOf(fields.Privilege), 'secret.read-many'],
  [patternOf(fields.RequestId), '019ec71e-00ff-7000-8000-00000000000a'],
  [patternOf(fields.Timestamp), '2026-11-21T09:00:00.000Z'],
  [patternOf(fields.Bytes32), 'r-_4xw'.padEnd(42, 'A').concat('8')],
  [patternOf(fields.Signature), 's-_4xw'.padEnd(85, 'B').concat('A')],
  [patternOf(fields.PublicKey), 'A7-_4xw'.padEnd(44, 'A')],
  [patternOf(fields.HttpsUrl), 'https://issuer.example:6443/openid/v1/jwks'],
  [patternOf(fields.IpAddress), 'fd00::1'],
  [patternOf(RelyingParty.properties.id), 'strongroom.example'],
  [patternOf(fields.Cursor), 'bmV4dA'],
  [patternOf(NamePrefix), 'name-'],
  [patternOf(SubjectText), 'Example Corp.'],
  [patternOf(DnsName), '*.api.example'],
  [patternOf(KeyComment), 'deploy@example'],
  [patternOf(LabelValue), 'team/payments@eu'],
  [patternOf(PrincipalEraseRequest.properties.ground), 'GDPR 17 #4711'],
  [patternOf(SinkHost), 'siem.example'],
  [patternOf(Authorities), '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'],
  [patternOf(fields.Ciphertext), 'sr1.019ec71e-00ff-7000-8000-00000000000a.1.gcm.r-_4xw'],
]);

function sampleText(schema: SchemaShape): string {
  const lengthMax = schema.maxLength ?? 0;
  if (schema.pattern === undefined)
    return 'Text “ä”\n'.slice(0, lengthMax).padEnd(schema.minLength ?? 0, 'x');
  const known = texts.get(schema.pattern);
  if (known !== undefined) return known;
  if (schema.pattern === patternOf(fields.Bytes(1)))
    return 'Ynl0ZXM'.slice(0, lengthMax).padEnd(schema.minLength ?? 0, 'A');
  throw new TypeError(`no sample for ${schema.pattern}`);
}
