import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyState } from '@strongroom/contracts';
import { newKey, rotated } from './key.ts';
import { changedKey, type WantedChange } from './key-change.ts';
import { stateRefusal } from './key-state.ts';
import type { KeyRecord } from './record.ts';

const at = '2030-01-01T00:00:00.000Z';
const destroyAt = '2030-01-08T00:00:00.000Z';
const made = { material: { kind: 'token', label: 'l' }, origin: 'generated' } as const;
const key = rotated(
  newKey({
    ...{ id: 'id', group: 'g', name: 'n', purpose: 'kek', type: 'aes-256', protection: 'hsm' },
    ...{ exportable: false, createdAt: at, made },
  } as const),
  made,
  at,
);
const transitions = [
  'activate',
  'suspend',
  'resume',
  'deactivate',
  'mark-compromised',
  'schedule-destruction',
  'cancel-destruction',
  'destroy',
] as const;
const states: readonly KeyState[] = [
  'pre-active',
  'active',
  'suspended',
  'deactivated',
  'compromised',
  'destroyed',
];

function told(target: KeyRecord, wanted: WantedChange): string {
  const change = changedKey(target, wanted);
  if (change.status === 'refused') return change.code;
  const { state, destroyAt: due } =
    wanted.version === undefined ? change.key : (change.key.versions[wanted.version - 1] ?? assert.fail());
  return due === undefined ? state : `${state}, pending`;
}

test('of a key and of a version, each state takes each transition of the table or refuses it with the code of the state', () => {
  for (const state of states)
    for (const transition of transitions) {
      const wanted = { transition, destroyAt };
      const code = stateRefusal(state, transition);
      const ofVersion = { ...key, versions: key.versions.map((each) => ({ ...each, state })) };
      const answers = [told({ ...key, state }, wanted), told(ofVersion, { ...wanted, version: 1 })];
      const needsPending = transition === 'cancel-destruction' || transition === 'destroy';
      const expected = code ?? (needsPending ? 'key-destruction-absent' : undefined);
      for (const answer of answers) {
        if (expected !== undefined) assert.equal(answer, expected, `${transition} of ${state}`);
        else assert.ok(!answer.startsWith('key-'), `${transition} of ${state}: ${answer}`);
      }
    }
});

test('what waits for its destruction takes only its end, its rescue, and the news that it is compromised', () => {
  const waiting: KeyRecord = { ...key, state: 'deactivated', destroyAt };
  const answers = transitions.map((transition) => told(waiting, { transition, destroyAt }));
  assert.deepEqual(answers, [
    'key-deactivated',
    'key-deactivated',
    'key-deactivated',
    'key-deactivated',
    'compromised, pending',
    'key-destruction-pending',
    'deactivated',
    'destroyed',
  ]);
  assert.equal(told({ ...waiting, state: 'suspended' }, { transition: 'resume' }), 'key-destruction-pending');
});

test('one version changes and the others stay as they are', () => {
  const change = changedKey(key, { transition: 'suspend', version: 1 });
  assert.ok(change.status === 'changed');
  assert.equal(change.key.versions[1], key.versions[1]);
  assert.deepEqual({ ...change.key, versions: [] }, { ...key, versions: [] });
});

test('nothing is done to versions of a key that is gone or going, nor to a version that there is not', () => {
  assert.equal(told({ ...key, destroyAt }, { transition: 'suspend', version: 1 }), 'key-destruction-pending');
  assert.equal(told({ ...key, state: 'destroyed' }, { transition: 'suspend', version: 1 }), 'key-destroyed');
  assert.equal(changedKey(key, { transition: 'suspend', version: 3 }).status, 'refused');
});

test('a version that a provider lists neither ends nor begins to; suspension, the emergency stop, is still allowed', () => {
  const listed: KeyRecord = { ...key, providers: ['prod'], minimumVersion: 2 };
  const suspended: KeyRecord = {
    ...listed,
    versions: key.versions.map((each) => ({ ...each, state: 'suspended', destroyAt })),
  };
  for (const [target, transition] of [
    [listed, 'deactivate'],
    [{ ...listed, state: 'suspended' }, 'schedule-destruction'],
    [suspended, 'destroy'],
  ] as const) {
    const version = target === suspended ? 2 : undefined;
    assert.equal(told(target, { transition, destroyAt, version }), 'key-in-use', transition);
  }
  assert.equal(told(listed, { transition: 'deactivate', version: 1 }), 'deactivated');
  assert.equal(told(listed, { transition: 'suspend' }), 'suspended');
});
