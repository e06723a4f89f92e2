/**
 * The states of a key and of each of its versions, after NIST SP 800-57 part 1 revision 5, section 7, as one table: what may be
 * done in which state, and where each transition leads. What the table does not list is refused with the code of the state.
 *
 * Narrower than the standard: suspension stops processing too, since it is the emergency stop of people who do not know yet what
 * happened; a compromised key opens what it protected, to protect it anew, but vouches for nothing; destruction waits for 7 to 30
 * days, and never begins from `active`.
 */
import type { KeyState, KeyUse } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';

export type KeyTransition =
  | 'activate'
  | 'suspend'
  | 'resume'
  | 'deactivate'
  | 'mark-compromised'
  | 'schedule-destruction'
  | 'cancel-destruction'
  | 'destroy';

/** Everything that is done with or to a key. */
export type KeyAct = KeyUse | KeyTransition | 'describe' | 'rotate' | 'export' | 'update';

interface StateRow {
  readonly refusal: ErrorCode;
  readonly uses: readonly KeyUse[];
  /** Others that need no transition. */
  readonly acts: readonly Exclude<KeyAct, KeyUse | KeyTransition>[];
  /** Transition → the state that it leads to; the scheduling of destruction stays in its state. */
  readonly transitions: { readonly [Transition in KeyTransition]?: KeyState };
}

const protecting = ['encrypt', 'wrap', 'sign', 'mac'] as const;
const processing = ['decrypt', 'unwrap', 'verify', 'verify-mac'] as const;

const rows: { readonly [State in KeyState]: StateRow } = Object.freeze({
  'pre-active': {
    refusal: 'key-pre-active',
    uses: [],
    acts: ['describe', 'update'],
    transitions: {
      activate: 'active',
      'mark-compromised': 'compromised',
      'schedule-destruction': 'pre-active',
      'cancel-destruction': 'pre-active',
      destroy: 'destroyed',
    },
  },
  active: {
    refusal: 'key-active',
    uses: [...protecting, ...processing],
    acts: ['describe', 'update', 'rotate', 'export'],
    transitions: { suspend: 'suspended', deactivate: 'deactivated', 'mark-compromised': 'compromised' },
  },
  suspended: {
    refusal: 'key-suspended',
    uses: [],
    acts: ['describe', 'update'],
    transitions: {
      resume: 'active',
      deactivate: 'deactivated',
      'mark-compromised': 'compromised',
      'schedule-destruction': 'suspended',
      'cancel-destruction': 'suspended',
      destroy: 'destroyed',
    },
  },
  deactivated: {
    refusal: 'key-deactivated',
    uses: processing,
    acts: ['describe', 'update', 'export'],
    transitions: {
      'mark-compromised': 'compromised',
      'schedule-destruction': 'deactivated',
      'cancel-destruction': 'deactivated',
      destroy: 'destroyed',
    },
  },
  compromised: {
    refusal: 'key-compromised',
    uses: ['decrypt', 'unwrap'],
    acts: ['describe', 'update'],
    transitions: {
      'schedule-destruction': 'compromised',
      'cancel-destruction': 'compromised',
      destroy: 'destroyed',
    },
  },
  destroyed: { refusal: 'key-destroyed', uses: [], acts: ['describe'], transitions: {} },
});

/** The code of the refusal, or `undefined` where the state allows it. */
export function stateRefusal(state: KeyState, act: KeyAct): ErrorCode | undefined {
  const { refusal, uses, acts, transitions } = rows[state];
  const isAllowed =
    (uses as readonly string[]).includes(act) ||
    (acts as readonly string[]).includes(act) ||
    act in transitions;
  return isAllowed ? undefined : refusal;
}

/** Where a transition leads; `undefined` where the state does not allow it. */
export function stateAfter(state: KeyState, transition: KeyTransition): KeyState | undefined {
  return rows[state].transitions[transition];
}
