/** What happens to a key and its versions between their making and their end. */
import { type Static, Type } from 'typebox';
import { closed, Name, Version } from '../fields.ts';
import { KeyUsage, Labels } from '../key-usage.ts';
import { operation } from '../operation.ts';
import { plainDescription } from './key.ts';
import { KeyDescription, Providers, RotationDays } from './key-description.ts';

const named = { group: Name, name: Name };

export const KeyRotateRequest = closed(named);
export type KeyRotateRequest = Static<typeof KeyRotateRequest>;
/** With a version the state of that version changes, without one that of the key. */
export const KeyStateRequest = closed({ ...named, version: Type.Optional(Version) });
export type KeyStateRequest = Static<typeof KeyStateRequest>;
export const KeyScheduleDestructionRequest = closed({
  ...named,
  version: Type.Optional(Version),
  afterDays: Type.Integer({ minimum: 7, maximum: 30 }),
});
export type KeyScheduleDestructionRequest = Static<typeof KeyScheduleDestructionRequest>;
/** What is given replaces what was; what is absent stays. */
export const KeyUpdateRequest = closed({
  ...named,
  labels: Type.Optional(Labels),
  usage: Type.Optional(KeyUsage),
  /** 0 ends it. */
  rotationDays: Type.Optional(Type.Union([RotationDays, Type.Literal(0)])),
  minimumVersion: Type.Optional(Version),
  protected: Type.Optional(Type.Boolean()),
  policy: Type.Optional(Name),
  /** Only of a KEK. While there are any, its versions from the minimum version on neither end nor stop wrapping. */
  providers: Type.Optional(Providers),
});
export type KeyUpdateRequest = Static<typeof KeyUpdateRequest>;

export interface KeyLifeOperations {
  'key.update': { request: KeyUpdateRequest; reply: KeyDescription };
  'key.rotate': { request: KeyRotateRequest; reply: KeyDescription };
  'key.activate': { request: KeyStateRequest; reply: KeyDescription };
  'key.suspend': { request: KeyStateRequest; reply: KeyDescription };
  'key.resume': { request: KeyStateRequest; reply: KeyDescription };
  'key.deactivate': { request: KeyStateRequest; reply: KeyDescription };
  'key.mark-compromised': { request: KeyStateRequest; reply: KeyDescription };
  'key.schedule-destruction': { request: KeyScheduleDestructionRequest; reply: KeyDescription };
  'key.cancel-destruction': { request: KeyStateRequest; reply: KeyDescription };
}

const object = { kind: 'key', group: 'group', name: 'name' } as const;
const plainNamed = { group: 'plain', name: 'plain' } as const;
const life = {
  class: 'manage',
  reply: KeyDescription,
  object,
  actors: 'any',
  mutates: true,
  guardable: true,
  deadlineMs: 30_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;

function transition<
  const Verb extends
    | 'activate'
    | 'suspend'
    | 'resume'
    | 'deactivate'
    | 'mark-compromised'
    | 'cancel-destruction',
>(verb: Verb, summary: string) {
  return operation({
    ...life,
    name: `key.${verb}`,
    summary,
    request: KeyStateRequest,
    privilege: `key.${verb}`,
    audit: { request: { ...plainNamed, version: 'plain' }, reply: plainDescription },
    rest: { method: 'POST', path: `/v1/keys/{group}/{name}/${verb}` },
  });
}

export const keyLifeOperations = [
  operation({
    ...life,
    object: { ...object, nextPolicy: 'policy' },
    name: 'key.update',
    summary:
      'Changes labels, usage, rotation period, minimum version, providers, protection or policy of a key.',
    request: KeyUpdateRequest,
    privilege: 'key.update',
    audit: {
      request: {
        ...plainNamed,
        labels: 'plain',
        usage: 'plain',
        rotationDays: 'plain',
        minimumVersion: 'plain',
        protected: 'plain',
        policy: 'plain',
        providers: 'plain',
      },
      reply: plainDescription,
    },
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/update' },
  }),
  operation({
    ...life,
    name: 'key.rotate',
    summary: 'Makes a new version of a key; older versions still unwrap, decrypt and verify.',
    request: KeyRotateRequest,
    privilege: 'key.rotate',
    audit: { request: plainNamed, reply: plainDescription },
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/rotate' },
  }),
  transition('activate', 'Lets a pre-active key be used.'),
  transition('suspend', 'Stops all use of a key or version until it is resumed.'),
  transition('resume', 'Ends the suspension of a key or version.'),
  transition(
    'deactivate',
    'Ends protection by a key or version; what it protected still opens and verifies.',
  ),
  transition(
    'mark-compromised',
    'Says that material may be known: it only opens what it protected, to protect it anew.',
  ),
  operation({
    ...life,
    name: 'key.schedule-destruction',
    summary: 'Stops all use of a key or version now, and destroys its material in 7 to 30 days.',
    request: KeyScheduleDestructionRequest,
    privilege: 'key.schedule-destruction',
    audit: { request: { ...plainNamed, version: 'plain', afterDays: 'plain' }, reply: plainDescription },
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/schedule-destruction' },
  }),
  transition('cancel-destruction', 'Takes a scheduled destruction back before it is due.'),
] as const;
