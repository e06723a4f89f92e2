/** Messages of every release decode for ever. A failure here breaks callers that nobody can update. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type GoldenMessage, messageKinds, sampleMessages } from '../../src/golden/sample-messages.ts';

const folder = new URL('./', import.meta.url);
const recorded = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
const messagesOf = (name: string): readonly GoldenMessage[] =>
  readFileSync(new URL(name, folder), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

for (const name of recorded) {
  test(`everything in ${name} decodes`, () => {
    for (const { kind, message } of messagesOf(name)) {
      const checker = messageKinds.get(kind);
      assert.ok(checker !== undefined, `${kind} is gone`);
      assert.ok(checker.check(message), `${kind}: ${checker.problemOf(message)}`);
    }
  });
}

test('every kind of message of this release has golden messages', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const kinds = new Set(messagesOf(`messages-${version}.ndjson`).map(({ kind }) => kind));
  assert.deepEqual(
    [...messageKinds.keys()].filter((kind) => !kinds.has(kind)),
    [],
  );
});

test('samples fit the schemas that they are made from', () => {
  for (const { kind, message } of sampleMessages()) {
    assert.ok(
      messageKinds.get(kind)?.check(message),
      `${kind}: ${messageKinds.get(kind)?.problemOf(message)}`,
    );
  }
});

/** Every place in a message, as the keys that lead to it. */
function placesOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, part]) => placesOf(part).map((rest) => [key, ...rest])),
  ];
}

function changeAt(value: unknown, place: readonly string[], change: (part: unknown) => unknown): unknown {
  const [key, ...rest] = place;
  if (key === undefined) return change(value);
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = changeAt(copy[key], rest, change);
  return copy;
}

const golden = fc.constantFrom(...sampleMessages());

test('a message with one thing exchanged gets an answer, and never a crash', () => {
  fc.assert(
    fc.property(golden, fc.nat(), fc.jsonValue({ maxDepth: 2 }), ({ kind, message }, at, part) => {
      const places = placesOf(message);
      const changed = changeAt(message, places[at % places.length] as string[], () => part);
      const checker = messageKinds.get(kind);
      if (checker?.check(changed) === false) assert.match(checker.problemOf(changed), /^\//);
    }),
    { numRuns: 2_000 },
  );
});

test('a property that no schema names is refused wherever it stands', () => {
  // The places whose content depends on the operation.
  const open = (kind: string, place: readonly string[]) =>
    (kind === 'operationMessage' && place[0] === 'params') ||
    (kind === 'itemProof' && (place[0] === 'request' || place[0] === 'result')) ||
    (kind === 'replyMessage' && place[0] === 'result');
  fc.assert(
    fc.property(golden, fc.nat(), ({ kind, message }, at) => {
      const objects = placesOf(message).filter((place) => {
        const part = place.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], message);
        return typeof part === 'object' && part !== null && !Array.isArray(part) && !open(kind, place);
      });
      const place = objects[at % objects.length] as string[];
      const changed = changeAt(message, place, (part) => ({ ...(part as object), 'not-there': 1 }));
      assert.equal(messageKinds.get(kind)?.check(changed), false, `${kind} ${place.join('.')}`);
    }),
    { numRuns: 1_000 },
  );
});
