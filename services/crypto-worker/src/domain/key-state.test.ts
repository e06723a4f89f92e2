import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyState } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import { type KeyAct, type KeyTransition, stateAfter, stateRefusal } from './key-state.ts';

const states: readonly KeyState[] = [
  'pre-active',
  'active',
  'suspended',
  'deactivated',
  'compromised',
  'destroyed',
];
const codes: readonly ErrorCode[] = [
  'key-pre-active',
  'key-active',
  'key-suspended',
  'key-deactivated',
  'key-compromised',
  'key-destroyed',
];

/** One letter a state, in the order above: y allowed, - refused. Written out beside the code, so that a change shows twice. */
const expected: Readonly<Record<KeyAct, string>> = {
  describe: 'yyyyyy',
  update: 'yyyyy-',
  encrypt: '-y----',
  wrap: '-y----',
  sign: '-y----',
  mac: '-y----',
  decrypt: '-y-yy-',
  unwrap: '-y-yy-',
  verify: '-y-y--',
  'verify-mac': '-y-y--',
  rotate: '-y----',
  export: '-y-y--',
  activate: 'y-----',
  suspend: '-y----',
  resume: '--y---',
  deactivate: '-yy---',
  'mark-compromised': 'yyyy--',
  'schedule-destruction': 'y-yyy-',
  'cancel-destruction': 'y-yyy-',
  destroy: 'y-yyy-',
};

test('each state allows what it allows, and refuses the rest with its own code', () => {
  for (const [act, allowed] of Object.entries(expected))
    for (const [at, state] of states.entries()) {
      const wanted = allowed[at] === 'y' ? undefined : codes[at];
      assert.equal(stateRefusal(state, act as KeyAct), wanted, `${act} of a ${state} key`);
    }
  assert.equal(new Set(codes).size, states.length);
});

const leads: Readonly<Record<KeyTransition, KeyState | 'stays'>> = {
  activate: 'active',
  suspend: 'suspended',
  resume: 'active',
  deactivate: 'deactivated',
  'mark-compromised': 'compromised',
  'schedule-destruction': 'stays',
  'cancel-destruction': 'stays',
  destroy: 'destroyed',
};

test('a transition leads to one state wherever it starts, and nowhere from where it is not allowed', () => {
  for (const [transition, target] of Object.entries(leads))
    for (const [at, state] of states.entries()) {
      const isAllowed = expected[transition as KeyTransition][at] === 'y';
      const wanted = isAllowed ? (target === 'stays' ? state : target) : undefined;
      assert.equal(stateAfter(state, transition as KeyTransition), wanted, `${transition} of ${state}`);
    }
});

test('no way leads back from deactivated, compromised or destroyed to active', () => {
  for (const start of ['deactivated', 'compromised', 'destroyed'] as const) {
    const reached = new Set<KeyState>([start]);
    for (const state of reached)
      for (const transition of Object.keys(leads) as KeyTransition[]) {
        const next = stateAfter(state, transition);
        if (next !== undefined) reached.add(next);
      }
    assert.ok(!reached.has('active') && !reached.has('suspended') && !reached.has('pre-active'), start);
  }
});
