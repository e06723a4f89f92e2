import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatObject, formatTable, printable } from './table.ts';

test('columns line up and keep their order', () => {
  assert.equal(
    formatTable(
      ['name', 'version'],
      [
        { name: 'a', version: 10 },
        { name: 'longer', version: 2 },
      ],
    ),
    'NAME    VERSION\na       10\nlonger  2',
  );
  assert.equal(formatObject({ a: 1, longer: ['x', 'y'], none: undefined }), 'a       1\nlonger  x, y');
});

test('nothing in a cell can steer the terminal', () => {
  const shown = formatTable(['name'], [{ name: 'a\u001b[31mred\u202e\r\n' }]);
  assert.ok(shown.includes('\\u001b[31mred\\u202e\\u000d\\u000a'));
  assert.equal(printable('plain äöü 中'), 'plain äöü 中');
});
