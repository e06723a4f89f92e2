/**
 * Label → handle of the token's keys, for the life of one connection. A search walks all objects of the token (17 µs
 * each), so each key is looked up once. Handles are refreshed together by construction: after any re-initialisation
 * there is a new connection with a new, newly filled table, since an old handle may by then name another key.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyType } from '../../ports/hsm-key.ts';
import type { Handle } from './cryptoki.ts';
import type { InvocationCount } from './invocation-counts.ts';
import type { TokenObject } from './object-finder.ts';

export interface TokenKey {
  readonly label: string;
  readonly type: HsmKeyType;
  /** The secret key, or the private half. */
  readonly handle: Handle;
  readonly id: string;
  /** Of a pair. */
  readonly publicHandle: Handle | undefined;
  readonly invocations: InvocationCount;
}

/** The one key among the objects of a label; `undefined` where none is. Throws `hsm-inconsistent` for two. */
export function keyAmong(objects: readonly TokenObject[], countOf: (label: string) => InvocationCount) {
  const keys = objects.filter(isKeyProper);
  const [key] = keys;
  if (key === undefined) return undefined;
  if (keys.length > 1) {
    throw new StrongroomError('hsm-inconsistent', { detail: `two keys are labelled ${key.label}` });
  }
  if (key.keyType === undefined) {
    throw new StrongroomError('hsm-inconsistent', { detail: `${key.label} is a key of a foreign type` });
  }
  const half = objects.find((object) => object.objectClass === 'public-key');
  return {
    label: key.label,
    type: key.keyType,
    handle: key.handle,
    id: key.id,
    publicHandle: half?.handle,
    invocations: countOf(key.label),
  } satisfies TokenKey;
}

export function isKeyProper(object: TokenObject): boolean {
  return object.objectClass === 'secret-key' || object.objectClass === 'private-key';
}

/** Sorted, each once. */
export function keyLabels(objects: readonly TokenObject[], prefix: string): string[] {
  const labels = objects.filter(isKeyProper).map(({ label }) => label);
  return [...new Set(labels)].filter((label) => label.startsWith(prefix)).sort();
}

const keysMax = 10_000;

const nameOf = (handle: Handle): string => Buffer.from(handle).toString('latin1');

export class KeyHandles {
  readonly #keys = new Map<string, TokenKey>();
  readonly #handles = new Set<string>();
  #served: string | undefined;

  get(label: string): TokenKey | undefined {
    return this.#keys.get(label);
  }

  put(key: TokenKey): void {
    this.evict(key.label);
    this.#keys.set(key.label, key);
    this.#handles.add(nameOf(key.handle));
    if (this.#keys.size <= keysMax) return;
    for (const oldest of this.#keys.keys()) {
      this.evict(oldest);
      return;
    }
  }

  /** Whether a key that is known has this handle. */
  holds(handle: Handle): boolean {
    return this.#handles.has(nameOf(handle));
  }

  evict(label: string): void {
    const key = this.#keys.get(label);
    if (key === undefined) return;
    this.#keys.delete(label);
    this.#handles.delete(nameOf(key.handle));
  }

  labels(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** Keys to probe the token with: the one that served last, then others of the types. */
  candidates(types: readonly HsmKeyType[], countMax: number): readonly TokenKey[] {
    const found: TokenKey[] = [];
    for (const key of this.#keys.values()) {
      if (!types.includes(key.type)) continue;
      if (key.label === this.#served) found.unshift(key);
      else found.push(key);
      if (found.length >= countMax) break;
    }
    return found;
  }

  /** The key of this label has just proven the token. */
  noteServed(label: string): void {
    this.#served = label;
  }
}
