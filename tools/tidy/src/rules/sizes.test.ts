import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provenRule } from '../proven-rule.ts';
import { madeUpRepository, thisRepository } from '../repository.ts';
import { filesAreShort, sizeReport } from './sizes.ts';

provenRule(filesAreShort, {
  offenders: {
    'one line too many': { 'packages/bus/src/x.ts': 'x();\n'.repeat(251) },
    'a test that wants to be two': { 'packages/bus/src/x.test.ts': 'x();\n'.repeat(401) },
  },
  accepted: { 'as long as can be': { 'packages/bus/src/x.ts': 'x();\n'.repeat(250) } },
});

test('long functions are reported by name', () => {
  const body = 'x();\n'.repeat(70);
  const report = sizeReport(
    madeUpRepository({
      'packages/bus/src/x.ts': `export const long = () => {\n${body}};\nexport function short() {}\n`,
    }),
  );
  assert.match(report.join('\n'), /72 lines: long \(packages\/bus\/src\/x\.ts:1\)/);
  assert.ok(!report.join('\n').includes('short'));
});

test('length of files and functions', (context) => {
  for (const line of sizeReport(thisRepository())) context.diagnostic(line);
});
