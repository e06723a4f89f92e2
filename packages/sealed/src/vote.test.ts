import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import { generateKeyFile } from './key-file.ts';
import { signVote, verifyVote, voteDigest } from './vote.ts';

const key = generateKeyFile('user:bob');
const publicKey = decodeBytes(key.publicKey);
const answer = {
  opHash: encodeBytes(new Uint8Array(32).fill(1)),
  verdict: 'approve',
  comment: 'planned, see change 12',
  votedAt: '2026-03-01T12:00:00.000Z',
} as const;

test('a vote verifies as the approver gave it', () => {
  const vote = signVote(key, answer);
  assert.equal(vote.approver, 'user:bob');
  assert.ok(verifyVote(publicKey, vote));
});

test('what is signed is the canonical vote with the hash of the comment', () => {
  const commentHash = createHash('sha256').update(answer.comment).digest('base64url');
  const text = `strongroom/vote/1\0{"approver":"user:bob","commentHash":"${commentHash}","opHash":"${answer.opHash}","verdict":"approve","votedAt":"${answer.votedAt}"}`;
  assert.deepEqual(
    Buffer.from(voteDigest({ ...answer, approver: 'user:bob' })),
    createHash('sha256').update(text).digest(),
  );
});

test('no part of a vote can be changed, and nobody else can have given it', () => {
  const vote = signVote(key, answer);
  for (const changed of [
    { ...vote, opHash: encodeBytes(new Uint8Array(32)) },
    { ...vote, verdict: 'deny' as const },
    { ...vote, approver: 'user:eve' },
    { ...vote, comment: `${vote.comment}.` },
    { ...vote, votedAt: '2026-03-01T12:00:00.001Z' },
    { ...vote, signature: encodeBytes(new Uint8Array(64)) },
    { ...vote, signature: '*' },
    { ...vote, comment: '\ud800' },
  ]) {
    assert.ok(!verifyVote(publicKey, changed));
  }
  assert.ok(!verifyVote(decodeBytes(generateKeyFile('user:bob').publicKey), vote));
});
