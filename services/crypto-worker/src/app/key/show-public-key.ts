import { StrongroomError } from '@strongroom/errors';
import { publicKeyOf } from '../../domain/public-key.ts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';
import { findKeyVersion } from './find-version.ts';

/** In every state but the last: signatures of a compromised key have to be told from others too. */
export function makeShowPublicKey({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'key.public-key'> {
  return async ({ params }) => {
    const { key, found } = await findKeyVersion(registry, params);
    const result = publicKeyOf(key, found);
    if (result === undefined)
      throw new StrongroomError('key-type-refused', { detail: `${key.type} has no public key` });
    return { result, version: found.version };
  };
}
