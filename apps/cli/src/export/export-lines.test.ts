import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { leafHash } from '@strongroom/merkle';
import fc from 'fast-check';
import { bodyOf, collect, makeTestExport } from '../../testing/test-export.ts';
import { csvCell } from './csv.ts';
import { exportLines } from './export-lines.ts';

interface Attribute {
  readonly type: string;
  readonly isArray?: true;
  readonly isRequired?: true;
  readonly values?: readonly number[];
}
type Attributes = Readonly<Record<string, Attribute>>;
interface Schema {
  readonly version: string;
  readonly class: Attributes;
  readonly objects: Readonly<
    Record<string, { readonly atLeastOne: readonly string[]; readonly attributes: Attributes }>
  >;
}

/** An excerpt of the published schema; the file names its source and licence. */
const schema = JSON.parse(
  readFileSync(new URL('../../testing/ocsf-1.6.0.json', import.meta.url), 'utf8'),
) as Schema;

/** What does not fit, by its place. */
function problemsOf(value: Readonly<Record<string, unknown>>, attributes: Attributes, place = ''): string[] {
  const missing = Object.entries(attributes)
    .filter(([name, { isRequired }]) => isRequired === true && value[name] === undefined)
    .map(([name]) => `${place}/${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, member]) => {
    const attribute = attributes[name];
    const at = `${place}/${name}`;
    if (attribute === undefined) return [`${at} is no attribute`];
    if (attribute.isArray === true && !Array.isArray(member)) return [`${at} is no list`];
    return (attribute.isArray === true ? (member as unknown[]) : [member]).flatMap((one) =>
      problemsOfValue(one, attribute, at),
    );
  });
  return [...missing, ...wrong];
}

function problemsOfValue(value: unknown, { type, values }: Attribute, at: string): string[] {
  const object = schema.objects[type];
  if (object !== undefined) {
    const members = value as Readonly<Record<string, unknown>>;
    const isNamed =
      object.atLeastOne.length === 0 || object.atLeastOne.some((name) => members[name] !== undefined);
    return [...(isNamed ? [] : [`${at} names nothing`]), ...problemsOf(members, object.attributes, at)];
  }
  if (type === 'object') return typeof value === 'object' ? [] : [`${at} is no object`];
  const isNumber = ['integer_t', 'long_t', 'timestamp_t', 'port_t'].includes(type);
  if (isNumber ? !Number.isSafeInteger(value) : typeof value !== 'string') return [`${at} is no ${type}`];
  return values === undefined || values.includes(value as number) ? [] : [`${at}: ${value} is no value`];
}

const log = makeTestExport();
log.append([
  bodyOf({
    operation: 'key.rotate',
    outcome: 'pending',
    phase: 'proposal',
    objects: [],
    approvers: ['user:bob'],
  }),
  bodyOf(
    {
      operation: 'kms.unwrap',
      outcome: 'refused',
      code: 'denied',
      actor: {
        id: 'workload:east/shop/web',
        proof: 'workload-jwt',
        cluster: 'east',
        namespace: 'shop',
        pod: 'web-0',
      },
    },
    'workload:east/shop/web',
  ),
  bodyOf({ actor: { id: 'system', proof: 'system' }, outcome: 'unknown' }),
]);
const linesOf = (format: 'ocsf' | 'csv') =>
  collect(exportLines(format, log.pages(), { filter: {}, identity: log.identity }));

test('every entry is an event of the published class', async () => {
  const lines = await linesOf('ocsf');
  assert.equal(lines.length, log.entries.length);
  for (const [index, line] of lines.entries()) {
    assert.ok(line.endsWith('}\n'));
    const event = JSON.parse(line);
    assert.deepEqual(problemsOf(event, schema.class), []);
    assert.deepEqual(
      [event.metadata.version, event.class_uid, event.category_uid],
      [schema.version, 6_003, 6],
    );
    assert.equal(event.type_uid, event.class_uid * 100 + event.activity_id);
    assert.equal(event.metadata.uid, `test-deployment/${index}`);
    assert.equal(
      event.unmapped.leaf_hash,
      encodeBytes(leafHash(log.entries[index]?.leaf ?? new Uint8Array())),
    );
  }
  const refused = JSON.parse(lines.at(-2) ?? '');
  assert.deepEqual(
    [refused.status_id, refused.status_code, refused.src_endpoint.name],
    [2, 'denied', 'web-0'],
  );
});

test('the check of the schema sees what does not fit', () => {
  const wrong = { activity_id: 7, colour: 'red', time: 'now', resources: {}, actor: { user: {} } };
  const told = problemsOf(wrong, schema.class).join('\n');
  for (const problem of [
    /class_uid is missing/,
    /7 is no value/,
    /colour is no/,
    /time is no/,
    /no list/,
    /names nothing/,
  ])
    assert.match(told, problem);
});

test('a row of the CSV has the columns of its head', async () => {
  const lines = await linesOf('csv');
  const [head = '', ...rows] = lines;
  assert.equal(rows.length, log.entries.length);
  for (const row of rows) {
    assert.ok(row.endsWith('\r\n'));
    assert.equal(row.split(',').length, head.split(',').length);
  }
});

test('no cell of the CSV is a formula, and every text comes back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '=', '+', '-', '@', '\t', '\r'),
      (text, first) => {
        const cell = csvCell(first + text);
        const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        assert.doesNotMatch(read, /^[=+\-@\t\r]/);
        assert.doesNotMatch(cell.startsWith('"') ? '' : cell, /[",\r\n]/);
        assert.equal(read.replace(/^'(?=[=+\-@\t\r])/, ''), first + text);
      },
    ),
  );
  assert.equal(csvCell('=HYPERLINK("x")'), `"'=HYPERLINK(""x"")"`);
});
