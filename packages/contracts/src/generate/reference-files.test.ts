import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCatalogue } from '@strongroom/errors';
import { busEndpoints } from '../bus-endpoint.ts';
import { operationCatalogue } from '../catalogue.ts';
import { privileges } from '../derived/privileges.ts';
import { referenceFiles, staleFiles } from './reference-files.ts';

const files = referenceFiles('1.2.3');
const text = (name: string) => files.get(name) ?? assert.fail(name);

/** What the first cells of the tables of a page say in code marks. */
const firstCells = (name: string) => [...text(name).matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);

test('the pages list what the catalogues list, both ways', () => {
  assert.deepEqual(firstCells('errors.md'), Object.keys(errorCatalogue));
  assert.deepEqual(firstCells('privileges.md'), privileges);
  const operations = [...text('operations.md').matchAll(/^### ([a-z]+\.[a-z-]+)$/gm)].map(
    (match) => match[1],
  );
  assert.deepEqual(operations, [...operationCatalogue.keys()]);
  for (const { name, subject } of busEndpoints)
    assert.ok(text('bus.md').includes(`| ${name} | \`${subject}\` |`));
});

test('every link of a page leads to a heading of it', () => {
  const headings = [...text('operations.md').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading?.toLowerCase().replaceAll(/[^a-z0-9- ]/g, ''),
  );
  const links = [...text('operations.md').matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]);
  assert.equal(links.length, operationCatalogue.size);
  for (const link of links) assert.ok(headings.includes(link), link);
});

test('no table is broken by what a cell holds', () => {
  for (const [name, content] of files) {
    if (!name.endsWith('.md')) continue;
    for (const block of content
      .trimEnd()
      .split('\n\n')
      .filter((each) => each.startsWith('|'))) {
      const columns = block.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length);
      assert.equal(new Set(columns).size, 1, `${name}: ${block.slice(0, 80)}`);
    }
  }
});

test('the same catalogue makes the same files', () => {
  assert.deepEqual(referenceFiles('1.2.3'), files);
});

test('a file that was changed, is missing or is made no more is stale', () => {
  const wanted = new Map([
    ['a.md', 'a'],
    ['b.md', 'b'],
  ]);
  assert.deepEqual(staleFiles(wanted, new Map(wanted)), []);
  assert.deepEqual(staleFiles(wanted, new Map([...wanted, ['a.md', 'edited']])), ['a.md']);
  assert.deepEqual(staleFiles(wanted, new Map([['a.md', 'a']])), ['b.md']);
  assert.deepEqual(staleFiles(wanted, new Map([...wanted, ['retired.md', '']])), ['retired.md']);
});
