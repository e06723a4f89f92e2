/**
 * All secrets of a pod in one request. Each has its own outcome, in the reply as in the log: one that is denied or broken
 * does not keep the others from the application, and is not mistaken for one that does not exist.
 */
import type { EntryObject, SecretReadManyReply, SecretReadManyRequest } from '@strongroom/contracts';
import { type ErrorCode, errorCatalogue, isStrongroomError } from '@strongroom/errors';
import type { CarryOut } from '../use-case.ts';
import { type ReadSecretPorts, readSecretVersion, type SecretReference } from './open-version.ts';

type Item = SecretReadManyReply['secrets'][number];

export function groupsOfSecrets({ secrets }: SecretReadManyRequest): readonly string[] {
  return [...new Set(secrets.map(({ group }) => group))];
}

export function makeReadSecrets(ports: ReadSecretPorts): CarryOut<'secret.read-many'> {
  return async ({ params, may }) => {
    const items: Item[] = [];
    for (const reference of params.secrets) {
      items.push(may(reference.group) ? await readOne(ports, reference) : refused(reference, 'denied'));
    }
    return { result: { secrets: items }, objects: items.map(objectOf) };
  };
}

async function readOne(ports: ReadSecretPorts, reference: SecretReference): Promise<Item> {
  try {
    return { status: 'done', secret: await readSecretVersion(ports, reference) };
  } catch (fault) {
    // What is about this one secret is its own outcome; what is about the platform is everybody's.
    if (isStrongroomError(fault) && errorCatalogue[fault.code].retry === 'never')
      return refused(reference, fault.code);
    throw fault;
  }
}

function refused({ group, name }: SecretReference, code: ErrorCode): Item {
  return { status: 'refused', group, name, code };
}

function objectOf(item: Item): EntryObject {
  if (item.status === 'refused')
    return { kind: 'secret', group: item.group, name: item.name, code: item.code };
  const { group, name, version } = item.secret;
  return { kind: 'secret', group, name, version };
}
