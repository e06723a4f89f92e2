import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText, parseCanonical } from '@strongroom/canonical';
import { leafHash } from '@strongroom/merkle';
import { bodyOf } from '../../testing/test-deployment.ts';
import { leafData, prepareBody } from './entry.ts';
import { checkpointLine, sinkLine } from './sink-line.ts';

const placement = { at: '2030-01-01T00:00:00.000Z', actorSeq: 1, objectSeqs: [1] };
const leaf = leafData(prepareBody(bodyOf({ request: { name: '"a\\u2028b"' } })), placement);

test('a line names the log, the index and the leaf hash, and holds the leaf octet for octet', () => {
  const line = sinkLine('deployment/log', 7, leaf);
  const read = parseCanonical(Buffer.from(line.text)) as Record<string, never>;
  assert.deepEqual([read['origin'], read['index']], ['deployment/log', 7]);
  const hashed = leafHash(Buffer.from(canonicalText(read['entry'] as never)));
  assert.equal(read['leafHash'], Buffer.from(hashed).toString('base64url'));
  assert.deepEqual([line.at, line.outcome], [placement.at, 'done']);
  assert.ok(!line.text.includes('\n'));
});

test('a brief line says the same but for the entry', () => {
  const { text, brief } = sinkLine('log', 7, leaf);
  const { entry: _, ...rest } = parseCanonical(Buffer.from(text)) as Record<string, unknown>;
  assert.deepEqual(parseCanonical(Buffer.from(brief)), { ...rest, entryBytes: leaf.length });
});

test('a checkpoint is one line whatever its note holds', () => {
  const note = 'log\n5\nroot\n\n\u2014 log sig\n';
  assert.deepEqual(JSON.parse(checkpointLine('log', note)), { checkpoint: note, origin: 'log' });
});
