/** What the parts of the HSM contract share: new labels, and the tests of what a token may lack. */
import { match, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isStrongroomError } from '@strongroom/errors';
import type { Hsm, HsmCapabilities } from '../src/ports/hsm.ts';

export const newLabel = () => `strongroom/test/${randomUUID()}`;

/** The port that is under test, once it is open. */
export type HsmSubject = () => Hsm;

type Listed = 'keyTypes' | 'mechanisms' | 'exportable' | 'importable';

/** Whether the token says that it can; a token that says nothing about it has no right to lack it. */
export async function can(hsm: Hsm, list: Listed, name: string): Promise<boolean> {
  const capabilities = await hsm.capabilities();
  if ((capabilities[list] as readonly string[]).includes(name)) return true;
  ok(isExplained(capabilities, name), `${list} leaves out ${name} without naming a mechanism`);
  return false;
}

function isExplained({ lacking }: HsmCapabilities, name: string): boolean {
  return lacking.some((each) => each.name === name || each.name.endsWith(` ${name}`));
}

/** For `rejects`: the refusal of what the token lacks names the mechanism, which is all that an operator can act on. */
export function lackedMechanism(error: unknown): true {
  ok(isStrongroomError(error), `expected mechanism-unsupported, got ${error}`);
  match(`${error.code}: ${error.detail}`, /^mechanism-unsupported: CK[AMO]_/);
  return true;
}

/** Whether the token does not lack what is no key type and no mechanism. */
async function keeps(hsm: Hsm, limit: string): Promise<boolean> {
  const { lacking } = await hsm.capabilities();
  return !lacking.some(({ name }) => name === limit);
}

/** Whether the token says of its keys that it made them. */
export const tellsOrigin = (hsm: Hsm) => keeps(hsm, 'key-origin');
export const keepsData = (hsm: Hsm) => keeps(hsm, 'data-objects');
export const wrapsLong = (hsm: Hsm) => keeps(hsm, 'aes-kwp-long');
