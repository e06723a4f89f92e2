import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SecretRecord } from '../record.ts';
import { describeSecret } from './describe-secret.ts';
import { dueChanges } from './due-changes.ts';
import { readSecretVersionId, secretVersionId } from './secret-context.ts';
import {
  deleted,
  destroyed,
  holdsItsValue,
  newSecret,
  obstacleToWrite,
  undeleted,
  withVersion,
} from './secret-history.ts';
import { updated } from './secret-settings.ts';
import { dayMs, readableVersion, stateOf } from './version-state.ts';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const time = (days: number): string => new Date(startMs + days * dayMs).toISOString();
const ms = (days: number): number => startMs + days * dayMs;
const place = { group: 'default', name: 'x', kind: 'opaque' } as const;

function secretOf(versions: number, changes: Partial<SecretRecord> = {}, dates = {}): SecretRecord {
  let secret: SecretRecord = { ...newSecret(place, time(0)), ...changes };
  for (let each = 0; each < versions; each += 1)
    secret = withVersion(secret, { kind: 'opaque', dates, at: time(0) }).secret;
  return secret;
}

function changedBy(change: ReturnType<typeof deleted>): SecretRecord {
  assert.equal(change.status, 'changed', JSON.stringify(change));
  return (change as Extract<typeof change, { status: 'changed' }>).secret;
}

const codeOf = (secret: SecretRecord, version: number | undefined, day: number) => {
  const found = readableVersion(secret, version, ms(day));
  return found.status === 'found' ? found.entry.version : found.code;
};

test('a version that there never was, one that retention took, and one that is deleted are told apart', () => {
  const secret = changedBy(deleted(secretOf(12), [11], time(1)));
  assert.equal(codeOf(secret, undefined, 1), 12);
  assert.equal(codeOf(secret, 3, 1), 3);
  assert.equal(codeOf(secret, 2, 1), 'secret-destroyed');
  assert.equal(codeOf(secret, 13, 1), 'absent');
  assert.equal(codeOf(secret, 11, 1), 'secret-deleted');
  assert.equal(codeOf(newSecret(place, time(0)), undefined, 1), 'absent');
  const gone = changedBy(destroyed(secret, [12], time(1)));
  assert.equal(codeOf(gone, undefined, 1), 'secret-destroyed', 'an older version does not take its place');
});

test('a deletion holds whatever the clock says, and can be taken back for 30 days', () => {
  const secret = changedBy(deleted(secretOf(2), undefined, time(10)));
  assert.equal(codeOf(secret, 1, 9), 'secret-deleted', 'a clock that is behind');
  assert.equal(codeOf(changedBy(undeleted(secret, undefined, time(39))), 1, 39), 1);
  assert.deepEqual(undeleted(secret, [1], time(40)), { status: 'refused', code: 'secret-destroyed' });
  assert.equal(codeOf(changedBy(undeleted(secret, undefined, time(40))), 1, 40), 'secret-destroyed');
  assert.equal(codeOf(secret, 1, 40), 'secret-destroyed');
  assert.deepEqual(deleted(secret, [3], time(11)), { status: 'refused', code: 'absent' });
  assert.deepEqual(deleted(secretOf(11), [1], time(11)), { status: 'refused', code: 'secret-destroyed' });
  const again = deleted(secret, undefined, time(20));
  assert.ok(again.status === 'changed' && again.versions.length === 0, 'the period does not begin again');
});

test('what is had back after its expiry is there and still refused', () => {
  const secret = secretOf(1, {}, { expiresAt: time(5) });
  assert.equal(codeOf(secret, 1, 4.9), 1);
  assert.equal(codeOf(secret, 1, 5), 'secret-expired');
  const back = changedBy(undeleted(changedBy(deleted(secret, undefined, time(1))), undefined, time(6)));
  assert.equal(codeOf(back, 1, 6), 'secret-expired');
});

test('an expiry that was noticed holds when the clock is set back; only a new date ends it', () => {
  const noticed = dueChanges(secretOf(1, {}, { expiresAt: time(5) }), time(6));
  assert.deepEqual(
    noticed?.events.map(({ name }) => name),
    ['secret.version.expired'],
  );
  const secret = noticed?.secret as SecretRecord;
  assert.equal(codeOf(secret, 1, 1), 'secret-expired');
  const update = updated(secret, { ...place, expiresAt: time(9) }, time(6));
  assert.ok(update.status === 'updated');
  assert.equal(codeOf(update.secret, 1, 6), 1);
  const other = updated(secret, { ...place, rotateBy: time(9) }, time(6));
  assert.ok(other.status === 'updated');
  assert.equal(codeOf(other.secret, 1, 6), 'secret-expired', 'another date says nothing of this one');
});

test('dates are announced at 30, 7 and 1 days and when they are past, each once, of the current version', () => {
  const announced: string[] = [];
  let secret = secretOf(2, {}, { expiresAt: time(60), rotateBy: time(45) });
  for (let hour = 0; hour <= 61 * 24; hour += 1) {
    const due = dueChanges(secret, time(hour / 24));
    if (due === undefined) continue;
    secret = due.secret;
    for (const { name, version, days } of due.events)
      announced.push(
        `${hour / 24}: ${name.split('.').slice(1).join('.')} v${version}${days === undefined ? '' : ` ${days}`}`,
      );
  }
  assert.deepEqual(announced, [
    '15: rotation.announced v2 30',
    '30: expiry.announced v2 30',
    '38: rotation.announced v2 7',
    '44: rotation.announced v2 1',
    '45: rotation.announced v2 0',
    '53: expiry.announced v2 7',
    '59: expiry.announced v2 1',
    '60: version.expired v1',
    '60: version.expired v2',
  ]);
});

test('a walk that comes late announces once what is the case now', () => {
  const due = dueChanges(secretOf(1, {}, { expiresAt: time(60) }), time(57));
  assert.deepEqual(
    due?.events.map(({ days }) => days),
    [7],
  );
});

test('versions with a life delete themselves, are destroyed after the undo period, and can be kept', () => {
  const secret = secretOf(1, { versionLifeSeconds: 86_400 });
  assert.equal(codeOf(secret, 1, 0.9), 1);
  assert.equal(codeOf(secret, 1, 1), 'secret-deleted');
  const noticed = dueChanges(secret, time(2));
  assert.deepEqual(
    noticed?.events.map(({ name }) => name),
    ['secret.version.deleted'],
  );
  assert.equal(codeOf(noticed?.secret as SecretRecord, 1, 0), 'secret-deleted', 'noticed: it holds');
  const over = dueChanges(noticed?.secret as SecretRecord, time(31));
  assert.deepEqual(over?.destroyed, [1]);
  assert.ok(!over?.secret.versions.some(holdsItsValue));
  const kept = changedBy(undeleted(secret, [1], time(2)));
  assert.equal(codeOf(kept, 1, 100), 1);
  assert.equal(dueChanges(kept, time(100)), undefined);
});

test('nothing of a guarded secret goes without its quorum: not by retention, not by time', () => {
  const guarded = secretOf(2, { policy: 'two-of-three', versionsMax: 1 });
  assert.deepEqual(
    guarded.versions.map(({ version }) => version),
    [1, 2],
  );
  const secret = changedBy(deleted(guarded, undefined, time(0)));
  assert.equal(dueChanges(secret, time(400)), undefined);
  assert.equal(codeOf(changedBy(undeleted(secret, [1], time(400))), 1, 400), 1);
  const full = secretOf(100, { policy: 'two-of-three', versionsMax: 1 });
  assert.equal(obstacleToWrite(full, 'opaque', undefined)?.code, 'version-conflict');
  const room = changedBy(destroyed(full, [1], time(1)));
  assert.equal(obstacleToWrite(room, 'opaque', undefined), undefined);
  const next = withVersion(room, { kind: 'opaque', dates: {}, at: time(1) });
  assert.deepEqual(next.destroyed, []);
  assert.equal(next.secret.versions.length, 100, 'what was destroyed made room');
});

test('whatever is done to a secret, numbers only grow and what was destroyed stays so', () => {
  const step = fc.oneof(
    fc.constant({ kind: 'write' } as const),
    fc.record({
      kind: fc.constantFrom('delete', 'undelete', 'destroy', 'sweep'),
      version: fc.integer({ min: 1, max: 9 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (steps, versionsMax) => {
      let secret = secretOf(0, { versionsMax });
      const gone = new Set<number>();
      for (const [day, each] of steps.entries()) {
        const before = secret;
        if (each.kind === 'write') {
          const written = withVersion(secret, { kind: 'opaque', dates: {}, at: time(day * 5) });
          for (const version of written.destroyed) gone.add(version);
          secret = written.secret;
          assert.equal(secret.currentVersion, before.currentVersion + 1);
        } else if (each.kind === 'sweep') {
          const due = dueChanges(secret, time(day * 5));
          for (const version of due?.destroyed ?? []) gone.add(version);
          secret = due?.secret ?? secret;
        } else {
          const change = { delete: deleted, undelete: undeleted, destroy: destroyed }[each.kind](
            secret,
            [each.version],
            time(day * 5),
          );
          if (change.status === 'refused') continue;
          if (each.kind === 'destroy') for (const version of change.versions) gone.add(version);
          secret = change.secret;
        }
        for (const version of gone) assert.equal(codeOf(secret, version, day * 5), 'secret-destroyed');
        assert.ok(secret.versions.length <= Math.max(versionsMax, before.versions.length));
        const description = describeSecret(secret, ms(day * 5));
        for (const [at, entry] of secret.versions.entries())
          assert.equal(description.versions[at]?.state, stateOf(entry, secret, ms(day * 5)));
      }
    }),
  );
});

test('an update replaces what it names and nothing else', () => {
  const secret = secretOf(2, { labels: { a: '1' }, versionLifeSeconds: 60 });
  const update = updated(
    secret,
    { ...place, metadata: { owner: 'x' }, clear: ['versionLifeSeconds'] },
    time(1),
  );
  assert.ok(update.status === 'updated');
  const { versionLifeSeconds: _, ...rest } = secret;
  assert.deepEqual(update.secret, { ...rest, metadata: { owner: 'x' }, updatedAt: time(1) });
  const wrong = [
    { versionLifeSeconds: 60, clear: ['versionLifeSeconds' as const] },
    { version: 1 },
    { version: 3, rotateBy: time(9) },
  ];
  for (const each of wrong) assert.equal(updated(secret, { ...place, ...each }, time(1)).status, 'refused');
});

test('the id of a version is read as it was made, and nothing else is read', () => {
  assert.deepEqual(readSecretVersionId(secretVersionId('a', 'b.c', 12)), {
    group: 'a',
    name: 'b.c',
    version: 12,
  });
  for (const id of ['a/b', 'a/b/0', 'a/b/x', 'a/b/1/2', '/b/1', 'a/b/01'])
    assert.equal(readSecretVersionId(id), undefined, id);
});
