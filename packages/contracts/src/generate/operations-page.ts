/** Reference page of the operation catalogue. */
import { operationCatalogue } from '../catalogue.ts';
import type { FieldClass, OperationDescriptor } from '../operation.ts';
import { fieldWords, isNeeded } from './field-words.ts';
import { code, list, page, table, yesNo } from './markdown.ts';
import { operationTypes, typesInUse } from './named-types.ts';
import type { SchemaShape } from './schema-shape.ts';

export function operationsPage(): string {
  const rows = [...operationCatalogue.values()];
  const areas = [...new Set(rows.map(({ name }) => areaOf(name)))];
  return page('Operations', [
    'Everything that the platform can be asked to do. Each operation is the same by REST, sealed message, command line and ' +
      'plugin, and passes the same authorisation, quorum and audit.',
    table(
      ['operation', 'does', 'REST'],
      rows.map(({ name, summary, rest }) => [
        `[${code(name)}](#${anchor(name)})`,
        summary,
        code(`${rest.method} ${rest.path}`),
      ]),
    ),
    [
      'Bytes are base64url without padding, times RFC 3339 in UTC with milliseconds. Objects are closed: a field that is not',
      'listed is refused. **Log** says how a field appears in the audit log: `plain` as it is, `commit` as a salted SHA-256,',
      '`hmac` as a keyed hash, `never` not at all.',
    ].join('\n'),
    ...areas.flatMap((area) => [
      `## ${area}`,
      ...rows.filter(({ name }) => areaOf(name) === area).flatMap(operationBlocks),
    ]),
    '## Types',
    ...[...typesInUse()].flatMap(([name, schema]) => typeBlocks(name, schema)),
  ]);
}

const areaOf = (operation: string): string => operation.split('.')[0] as string;
/** As GitHub makes it of a heading. */
const anchor = (name: string): string => name.replaceAll('.', '');

function operationBlocks(row: OperationDescriptor): readonly string[] {
  const types = operationTypes(row);
  return [
    `### ${row.name}`,
    row.summary,
    list([
      `Privilege ${code(row.privilege)}, ${row.actors === 'machines' ? 'machines only: people are refused' : 'people and machines'}.`,
      `REST ${code(`${row.rest.method} ${row.rest.path}`)}; request at most ${row.requestBytesMax} bytes, answer within ${row.deadlineMs} ms.`,
      `Changes something: ${yesNo(row.mutates)}. A quorum may guard it: ${yesNo(row.guardable)}. Since ${row.since}.`,
    ]),
    `Request ${code(types.request)}:`,
    fieldTable(row.request as SchemaShape, row.audit.request),
    `Reply ${code(types.reply)}:`,
    fieldTable(row.reply as SchemaShape, row.audit.reply),
  ];
}

function fieldTable(schema: SchemaShape, classes: Readonly<Record<string, FieldClass>>): string {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return 'no fields';
  return table(
    ['field', 'takes', 'needed', 'log'],
    fields.map(([name, part]) => [
      code(name),
      fieldWords(part),
      yesNo(isNeeded(schema, name)),
      code(classes[name] ?? 'never'),
    ]),
  );
}

function typeBlocks(name: string, schema: SchemaShape): readonly string[] {
  if (schema.type !== 'object' || schema.properties === undefined) {
    return [`### ${name}`, fieldWords(schema, false)];
  }
  const rows = Object.entries(schema.properties).map(([field, part]) => [
    code(field),
    fieldWords(part),
    yesNo(isNeeded(schema, field)),
  ]);
  return [`### ${name}`, rows.length === 0 ? 'no fields' : table(['field', 'takes', 'needed'], rows)];
}
