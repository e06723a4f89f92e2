import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTestFiles, phaseOf, testPhases } from './test-phases.ts';

test('where a test lies says with whom it runs', () => {
  assert.equal(phaseOf('packages/merkle/src/tree.test.ts'), 'unit');
  assert.equal(phaseOf('packages/merkle/test/golden/rfc6962.test.ts'), 'unit');
  assert.equal(phaseOf('services/audit/test/integration/writer.test.ts'), 'integration');
  assert.equal(phaseOf('services/audit/test/fault/commit.test.ts'), 'integration');
  assert.equal(phaseOf('test/system/main-job.test.ts'), 'system');
  assert.equal(phaseOf('tools/stack/test/system/stack.test.ts'), 'system');
  assert.equal(phaseOf('test/security/i1-kek-stays.test.ts'), 'system');
});

test('this very file is found, and nothing of installed packages is', () => {
  const files = findTestFiles(`${import.meta.dirname}/../..`);
  assert.ok(files.includes('tools/gate/test-phases.test.ts'));
  assert.ok(files.every((file) => !file.includes('node_modules')));
});

test('every file is in exactly one phase; naming paths chooses', () => {
  const files = ['packages/a/src/x.test.ts', 'packages/b/src/x.test.ts', 'test/system/x.test.ts'];
  assert.deepEqual(
    testPhases(files, []).flatMap((phase) => phase.files),
    files,
  );
  assert.deepEqual(
    testPhases(files, ['./packages/b']).map(({ name, files: chosen }) => [name, chosen]),
    [['unit', ['packages/b/src/x.test.ts']]],
  );
});
